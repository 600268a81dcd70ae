import { describe, expect, test } from 'vitest';
import { createPrediction } from './calibrated-prediction.ts';

const model = (abstainBelow: number, temperature = 1) => ({
  classNames: ['FAKE', 'REAL'],
  calibration: { temperature, abstainBelow },
  modelVersion: 'compact@3',
});

describe('createPrediction', () => {
  test('names the winner with its probability', () => {
    const prediction = createPrediction([0, Math.log(3)], model(0));
    expect(prediction).toMatchObject({ label: 'REAL', abstained: false, modelVersion: 'compact@3' });
    expect(prediction.probability).toBeCloseTo(0.75, 12);
    expect(prediction.probabilities.FAKE).toBeCloseTo(0.25, 12);
  });

  test('abstains below the threshold, not at it, and names the winner all the same', () => {
    expect(createPrediction([0, 0], model(0.5))).toMatchObject({ label: 'FAKE', abstained: false });
    expect(createPrediction([0, 0], model(0.51))).toMatchObject({ label: 'FAKE', abstained: true });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the logit %d', (logit) => {
    expect(() => createPrediction([0, logit], model(0))).toThrow(
      expect.objectContaining({ code: 'MODEL_UNUSABLE' }),
    );
  });

  test('abstains on the calibrated probability', () => {
    expect(createPrediction([0, 2], model(0.8))).toMatchObject({ abstained: false });
    expect(createPrediction([0, 2], model(0.8, 3))).toMatchObject({ abstained: true });
  });
});
