// Turns logits into a prediction: temperature-scaled softmax, the winning class, and whether the model abstains.
// Temperature scaling: Guo et al. 2017, arXiv 1706.04599.
import { appError } from '../../foundation/core/index.ts';
import type { Calibration, Prediction } from '../../foundation/records/index.ts';

/**
 * Softmax of logits / temperature, stable for any finite input.
 * @param logits  [C]
 * @returns [C], sums to 1
 */
export function calibrateLogits(logits: ArrayLike<number>, temperature: number): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const highest = Math.max(...scaled);
  const exponentials = scaled.map((value) => Math.exp(value - highest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/**
 * The prediction for one article. A tie goes to the class that comes first.
 * @param logits  [C], in the order of classNames
 * @throws MODEL_UNUSABLE when a logit is not a finite number
 */
export function createPrediction(
  logits: ArrayLike<number>,
  model: { classNames: readonly string[]; calibration: Calibration; modelVersion: string },
): Prediction {
  if (!Array.from(logits).every(Number.isFinite)) {
    throw appError('MODEL_UNUSABLE', {
      path: model.modelVersion,
      expected: 'finite logits',
      got: 'NaN or infinity',
    });
  }
  const probabilities = calibrateLogits(logits, model.calibration.temperature); // [C]
  const winner = probabilities.indexOf(Math.max(...probabilities));
  const probability = probabilities[winner]!;
  return {
    label: model.classNames[winner]!,
    probability,
    probabilities: Object.fromEntries(model.classNames.map((name, index) => [name, probabilities[index]!])),
    abstained: probability < model.calibration.abstainBelow,
    modelVersion: model.modelVersion,
  };
}
