import { describe, expect, test } from 'vitest';
import { calibrateLogits, createPrediction } from './calibrated-prediction.ts';

const model = (abstainBelow: number, temperature = 1) => ({
  classNames: ['FAKE', 'REAL'],
  calibration: { temperature, abstainBelow },
  modelVersion: 'compact@3',
});

describe('calibrateLogits', () => {
  test('equals the sigmoid of the difference for two classes', () => {
    const [, real] = calibrateLogits([0.3, 1.1], 1);
    expect(real).toBeCloseTo(1 / (1 + Math.exp(-0.8)), 12);
  });

  test('divides the logits by the temperature', () => {
    expect(calibrateLogits([2, 6, 4], 2)).toEqual(calibrateLogits([1, 3, 2], 1));
  });

  test('stays finite for huge logits and sums to 1', () => {
    expect(calibrateLogits([1e4, -1e4], 0.5)).toEqual([1, 0]);
    const sum = calibrateLogits([-800, -801, -799], 1).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(1, 12);
  });
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
