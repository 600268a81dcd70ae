// Computes the report on one collection from logits and labels.
import type { Clock } from '../../foundation/core/index.ts';
import { appError, invariant } from '../../foundation/core/index.ts';
import {
  computeAccuracy,
  computeArticleScores,
  computeClassFigures,
  computeConfusion,
  computeIntervals,
  computeLogOdds,
  computeMacro,
  computeMetrics,
  computePrAuc,
  computeReliability,
  computeRocCurve,
  positiveClasses,
} from '../../foundation/metrics/index.ts';
import type { Calibration, EvaluationReport } from '../../foundation/records/index.ts';

export interface EvaluationInput {
  readonly logits: Float32Array; // [N, C], before calibration
  readonly labels: Int32Array; // [N], in [0, C)
  /** [N] outlet, where known. */
  readonly sources: readonly (string | null)[];
  readonly classNames: readonly string[];
  readonly calibration: Calibration;
  /** Name for people: "isot (test split)". */
  readonly collection: string;
  /** Names the exact articles: "<dataset version>/<split>". Without it: the last of `parents` + "/test". */
  readonly testSet?: string;
  readonly outOfSource: boolean;
  readonly synthetic: boolean;
  /** [model version or run id, dataset version] */
  readonly parents: readonly string[];
  /** Resamples behind the 95% intervals. */
  readonly bootstrap: number;
  readonly seed: number;
  readonly clock: Clock;
  /** [N] near-duplicate group of each article: intervals then draw whole groups. */
  readonly groups?: readonly string[] | undefined;
  /** Articles the model was trained on; null or absent: not looked up. */
  readonly seenInTraining?: number | null;
}

/**
 * Computes every figure of the report, on calibrated probabilities.
 * @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE
 */
export function evaluateLogits(input: EvaluationInput): EvaluationReport {
  const { logits, labels, sources, calibration } = input;
  const classes = input.classNames.length;
  const { temperature } = calibration;
  if (labels.length === 0) throw appError('EVALUATION_EMPTY');
  invariant(sources.length === labels.length, 'evaluation: expected a source for each label');
  const scores = computeArticleScores({ logits, labels, classes }, temperature);
  const confusion = computeConfusion(labels, scores.predictions, classes);
  const intervals = computeIntervals(
    { logits, labels, classes },
    { resamples: input.bootstrap, seed: input.seed, temperature, groups: input.groups },
  );
  return {
    schemaVersion: 1,
    createdAt: input.clock.nowIso(),
    parents: [...input.parents],
    collection: input.collection,
    testSet: input.testSet ?? `${input.parents.at(-1) ?? 'unknown'}/test`,
    outOfSource: input.outOfSource,
    synthetic: input.synthetic,
    n: labels.length,
    seenInTraining: input.seenInTraining ?? null,
    classNames: [...input.classNames],
    metrics: computeMetrics(logits, labels, classes, temperature),
    intervals,
    prAuc: computePrAuc(logits, labels, classes, temperature),
    macro: computeMacro(confusion),
    perClass: computeClassFigures(confusion).map((figures, index) => ({
      name: input.classNames[index]!,
      ...figures,
    })),
    confusion,
    reliability: computeReliability(scores),
    roc: positiveClasses(classes).map((positive) => ({
      positive: input.classNames[positive]!,
      points: computeRocCurve(
        computeLogOdds(logits, classes, positive, temperature),
        (row) => labels[row] === positive,
      ),
    })),
    perSource: computePerSource(sources, labels, scores.predictions, classes),
    abstention: computeAbstention(scores.confidence, labels, scores.predictions, calibration.abstainBelow),
  };
}

/** Largest source first; articles without a source are in no row. */
function computePerSource(
  sources: readonly (string | null)[],
  labels: Int32Array,
  predictions: Int32Array,
  classes: number,
): EvaluationReport['perSource'] {
  const rowsOf = new Map<string, number[]>();
  sources.forEach((source, row) => {
    if (source === null) return;
    const rows = rowsOf.get(source);
    if (rows) rows.push(row);
    else rowsOf.set(source, [row]);
  });
  return [...rowsOf]
    .map(([source, rows]) => {
      const pick = (values: Int32Array): Int32Array => Int32Array.from(rows, (row) => values[row]!);
      const confusion = computeConfusion(pick(labels), pick(predictions), classes);
      return {
        source,
        n: rows.length,
        accuracy: computeAccuracy(confusion),
        macroF1: computeMacro(confusion).f1,
      };
    })
    .sort((a, b) => b.n - a.n || (a.source < b.source ? -1 : 1));
}

function computeAbstention(
  confidence: Float64Array,
  labels: Int32Array,
  predictions: Int32Array,
  threshold: number,
): EvaluationReport['abstention'] {
  let answered = 0;
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    if (confidence[row]! < threshold) continue;
    answered++;
    if (predictions[row] === labels[row]) right++;
  }
  return {
    threshold,
    answered: answered / labels.length,
    accuracyAnswered: answered === 0 ? null : right / answered,
  };
}
