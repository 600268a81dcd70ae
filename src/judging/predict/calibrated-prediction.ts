// Turns logits into a prediction: temperature-scaled softmax, the winning class, and whether the model abstains.
// Temperature scaling: Guo et al. 2017, arXiv 1706.04599.
import { appError } from '../../foundation/core/index.ts';
import { computeProbabilities } from '../../foundation/metrics/index.ts';
import type { Calibration, Prediction } from '../../foundation/records/index.ts';

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
  const probabilities = computeProbabilities(logits, logits.length, model.calibration.temperature); // [C]
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
