import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../core/random.ts';
import { fitCalibration } from './calibration.ts';
import { computeMetrics } from './metrics.ts';
import { computePredictions, computeProbabilities } from './probabilities.ts';

/** Labels drawn from softmax(logits), so that the true temperature of `logits * scale` is `scale`. */
function drawCalibrated(
  n: number,
  classes: number,
  scale: number,
): { logits: Float32Array; labels: Int32Array } {
  const random = createRandom('calibrated', n, classes);
  const honest = Float32Array.from({ length: n * classes }, () => 2 * random.normal());
  const probabilities = computeProbabilities(honest, classes);
  const labels = Int32Array.from({ length: n }, (_, row) => {
    let left = random.next();
    for (let c = 0; c < classes - 1; c++) {
      left -= probabilities[row * classes + c]!;
      if (left < 0) return c;
    }
    return classes - 1;
  });
  return { logits: honest.map((z) => z * scale), labels };
}

/** Accuracy on the articles above the threshold, and their share. */
function answerWith(
  logits: Float32Array,
  labels: Int32Array,
  calibration: { temperature: number; abstainBelow: number },
) {
  const probabilities = computeProbabilities(logits, 2, calibration.temperature);
  const predictions = computePredictions(logits, 2);
  const rows = [...labels.keys()].filter(
    (row) => probabilities[row * 2 + predictions[row]!]! >= calibration.abstainBelow,
  );
  const right = rows.filter((row) => predictions[row] === labels[row]).length;
  return { answered: rows.length, precision: right / rows.length };
}

describe('fitCalibration', () => {
  it.each([
    { classes: 2, scale: 0.2 },
    { classes: 2, scale: 5 },
    { classes: 5, scale: 3 },
  ])('recovers the scale of the logits ($classes classes, $scale)', ({ classes, scale }) => {
    const { logits, labels } = drawCalibrated(20_000, classes, scale);
    const { temperature } = fitCalibration(logits, labels, classes, { abstainPrecision: null });
    expect(temperature / scale).toBeGreaterThan(0.95);
    expect(temperature / scale).toBeLessThan(1.05);
  });

  it('lowers the loss and the calibration error of overconfident logits', () => {
    const { logits, labels } = drawCalibrated(5000, 2, 6);
    const { temperature } = fitCalibration(logits, labels, 2, { abstainPrecision: null });
    const before = computeMetrics(logits, labels, 2);
    const after = computeMetrics(logits, labels, 2, temperature);
    expect(after.loss).toBeLessThan(before.loss);
    expect(after.ece).toBeLessThan(0.02);
    expect(before.ece).toBeGreaterThan(0.05);
  });

  it('does not claim certainty where every validation article is right', () => {
    const labels = Int32Array.from({ length: 50 }, (_, row) => row % 2);
    const logits = Float32Array.from({ length: 100 }, (_, i) => (i % 2 === labels[i >> 1] ? 1 : 0));
    const { temperature } = fitCalibration(logits, labels, 2, { abstainPrecision: null });
    const probability = Math.max(...computeProbabilities(logits.slice(0, 2), 2, temperature));
    expect(probability).toBeCloseTo(1 - 1 / 52, 6); // Platt's target for 50 articles
  });

  it('stays within its bounds for any logits', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.float({ noNaN: true, min: -1e6, max: 1e6 }),
            fc.float({ noNaN: true, min: -1e6, max: 1e6 }),
            fc.nat(1),
          ),
          { minLength: 1, maxLength: 30 },
        ),
        (rows) => {
          const logits = Float32Array.from(rows.flatMap((row) => row.slice(0, 2)));
          const labels = Int32Array.from(rows, ([, , label]) => label);
          const { temperature, abstainBelow } = fitCalibration(logits, labels, 2, { abstainPrecision: 0.9 });
          expect(temperature).toBeGreaterThanOrEqual(0.0099999);
          expect(temperature).toBeLessThanOrEqual(100.00001);
          expect(abstainBelow).toBeGreaterThanOrEqual(0);
          expect(abstainBelow).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('takes the smallest threshold that reaches the wanted precision', () => {
    const { logits, labels } = drawCalibrated(3000, 2, 1);
    const calibration = fitCalibration(logits, labels, 2, { abstainPrecision: 0.95 });
    const { answered, precision } = answerWith(logits, labels, calibration);
    expect(calibration.abstain?.reached).toBe(true);
    expect(precision).toBeGreaterThanOrEqual(0.95);
    expect(calibration.abstain?.precision).toBeCloseTo(precision, 12);
    expect(calibration.abstain?.answered).toBeCloseTo(answered / 3000, 12);
    // Any lower threshold abstains less and misses the wanted accuracy.
    for (const lower of [0.5, 0.7, 0.8, 0.9, 0.99, 0.999].map((share) => share * calibration.abstainBelow)) {
      const wider = answerWith(logits, labels, { ...calibration, abstainBelow: lower });
      if (wider.answered > answered) expect(wider.precision).toBeLessThan(0.95);
    }
  });

  it('never abstains when no precision is wanted or the model has it anyway', () => {
    const { logits, labels } = drawCalibrated(500, 2, 1);
    expect(fitCalibration(logits, labels, 2, { abstainPrecision: null })).not.toHaveProperty('abstain');
    expect(fitCalibration(logits, labels, 2, { abstainPrecision: 0.5 }).abstainBelow).toBe(0);
  });

  it('says when the wanted precision is out of reach, and takes the best there is', () => {
    const labels = Int32Array.from({ length: 100 }, (_, row) => (row % 4 === 0 ? 1 : 0)); // each block of 4: 3 right
    const logits = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? Math.ceil((i + 1) / 8) : 0));
    const { abstain } = fitCalibration(logits, labels, 2, { abstainPrecision: 0.99 });
    expect(abstain).toMatchObject({ wanted: 0.99, reached: false, precision: 0.75 });
  });

  it('chooses no threshold from only a few articles', () => {
    // The five most confident predictions are correct, the rest are random: five are too few for a threshold.
    const labels = Int32Array.from({ length: 105 }, (_, row) => (row < 5 ? 0 : row % 2));
    const logits = Float32Array.from({ length: 210 }, (_, i) => (i % 2 === 0 ? 10 - i / 40 : 0));
    expect(fitCalibration(logits, labels, 2, { abstainPrecision: 0.99 }).abstain?.reached).toBe(false);
  });
});
