// The metrics of a collection from logits: the short form that training, evaluation and scripts share.
import type { Metrics } from '../records/index.ts';
import { computeArticleScores, computeCalibrationError, computeReliability } from './article-scores.ts';
import { computeAccuracy, computeConfusion, computeMacro } from './confusion.ts';
import { computeLogOdds } from './probabilities.ts';
import { computeAveragePrecision, computeRocAuc, meanOfKnown, positiveClasses } from './ranking.ts';

/**
 * Every short figure of one collection. For two classes, class 1 is the positive one of ROC-AUC.
 * @param logits  [N, C]
 * @param labels  [N], in [0, C)
 * @param temperature  logits are divided by it; 1 = as they are
 * @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE
 */
export function computeMetrics(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  temperature = 1,
): Metrics {
  const scores = computeArticleScores({ logits, labels, classes }, temperature);
  const confusion = computeConfusion(labels, scores.predictions, classes);
  return {
    accuracy: computeAccuracy(confusion),
    macroF1: computeMacro(confusion).f1,
    rocAuc: computeRanking(computeRocAuc, logits, labels, classes, temperature),
    brier: mean(scores.brier),
    ece: computeCalibrationError(computeReliability(scores)),
    loss: mean(scores.loss),
  };
}

/** Average precision of class 1 of two; of more classes the mean of each against the rest. */
export function computePrAuc(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  temperature = 1,
): number | null {
  return computeRanking(computeAveragePrecision, logits, labels, classes, temperature);
}

function computeRanking(
  formula: typeof computeRocAuc,
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  temperature: number,
): number | null {
  return meanOfKnown(
    positiveClasses(classes).map((positive) =>
      formula(computeLogOdds(logits, classes, positive, temperature), (row) => labels[row] === positive),
    ),
  );
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
