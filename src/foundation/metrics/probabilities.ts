// Logits to probabilities, and two choices that all figures share: ties go to the lowest class index (as in
// NumPy's argmax), and labels outside [0, C) are an error of the program.
import { appError, invariant } from '../core/index.ts';

/** Logits of N articles with their true labels. */
export interface LabelledLogits {
  readonly logits: Float32Array; // [N, C]
  readonly labels: Int32Array; // [N], in [0, C)
  readonly classes: number; // C >= 2
}

/**
 * Checks shapes, labels and values once, before any formula.
 * @returns N
 * @throws EVALUATION_EMPTY, LOGITS_NOT_FINITE, INTERNAL_BUG
 */
export function assertLabelledLogits({ logits, labels, classes }: LabelledLogits): number {
  const n = labels.length;
  invariant(classes >= 2, 'metrics: expected at least two classes', { classes });
  invariant(logits.length === n * classes, 'metrics: expected logits [N, C]', {
    got: logits.length,
    n,
    classes,
  });
  if (n === 0) throw appError('EVALUATION_EMPTY');
  for (const label of labels)
    invariant(label >= 0 && label < classes, 'metrics: label outside [0, C)', { label, classes });
  for (let i = 0; i < logits.length; i++) {
    if (!Number.isFinite(logits[i]))
      throw appError('LOGITS_NOT_FINITE', { row: Math.floor(i / classes), rows: n });
  }
  return n;
}

/**
 * softmax(logits / temperature) row by row, in double precision: stable for any finite input.
 * @param logits  [N, C]; one article's logits are [1, C]
 * @returns [N, C], each row sums to 1
 */
export function computeProbabilities(
  logits: ArrayLike<number>,
  classes: number,
  temperature = 1,
): Float64Array {
  const probabilities = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) highest = Math.max(highest, logits[start + c]! / temperature);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(logits[start + c]! / temperature - highest);
      probabilities[start + c] = e;
      sum += e;
    }
    for (let c = 0; c < classes; c++) probabilities[start + c]! /= sum;
  }
  return probabilities;
}

/** The winning class of each row; ties go to the lowest index. @returns [N] */
export function computePredictions(values: Float32Array | Float64Array, classes: number): Int32Array {
  const predictions = new Int32Array(values.length / classes);
  for (let row = 0; row < predictions.length; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (values[row * classes + c]! > values[row * classes + best]!) best = c;
    predictions[row] = best;
  }
  return predictions;
}

/**
 * Score of `positive` against all other classes for ranking: log p / (1 - p), which unlike p does not run into 1 and
 * so makes no ties that the logits do not have.
 * @returns [N]
 */
export function computeLogOdds(
  logits: Float32Array,
  classes: number,
  positive: number,
  temperature = 1,
): Float64Array {
  const scores = new Float64Array(logits.length / classes);
  const others = new Float64Array(classes - 1);
  for (let row = 0; row < scores.length; row++) {
    const start = row * classes;
    let next = 0;
    for (let c = 0; c < classes; c++) if (c !== positive) others[next++] = logits[start + c]!;
    // Rows whose other logits are the same numbers in another order tie; a sum in one order keeps the tie.
    if (classes > 2) others.sort();
    const highest = others.at(-1)!;
    let sum = 0;
    for (const other of others) sum += Math.exp((other - highest) / temperature);
    scores[row] = (logits[start + positive]! - highest) / temperature - Math.log(sum);
  }
  return scores;
}
