// fastText's classifier (Joulin et al. 2016): hidden = mean of the rows that an article's features name in a
// [buckets, D] table; logits = hidden times the output matrix [C, D]; softmax. Stochastic gradient descent, one
// article at a time, touches only those rows. A row is all zero until an article first names it, then starts at
// random: so features that were never trained count nothing, and their memory is never used.
// The loops are plain for speed, four columns at a time so that sums stay in registers; see bench/linear.ts.
import { hash32 } from '../../../foundation/core/index.ts';
import type { ArticleUpdate } from '../sparse-model.ts';

export interface SparseSoftmax {
  readonly buckets: number;
  readonly dim: number;
  readonly classes: number;
  /** [buckets, D] */
  readonly table: Float32Array;
  /** [buckets] 1 = some article has named the row. */
  readonly seen: Uint8Array;
  /** [C, D] */
  readonly output: Float32Array;
  /** First rows come from here; the same for every run of a seed. */
  readonly seed: number;
  readonly scratch: Scratch;
}

interface Scratch {
  readonly hidden: Float64Array; // [D]
  readonly gradient: Float64Array; // [D]
  readonly errors: Float64Array; // [C]
}

export function createSparseSoftmax(
  buckets: number,
  dim: number,
  classes: number,
  seed: number,
): SparseSoftmax {
  return {
    buckets,
    dim,
    classes,
    table: new Float32Array(buckets * dim),
    seen: new Uint8Array(buckets),
    output: new Float32Array(classes * dim),
    seed: hash32(hash32(seed) + 1),
    scratch: {
      hidden: new Float64Array(dim),
      gradient: new Float64Array(dim),
      errors: new Float64Array(classes),
    },
  };
}

/**
 * Logits of the article whose features are ids[start, end), into logits[at, at + C).
 * @param ids  in [0, buckets)
 */
export function computeSparseLogits(
  model: SparseSoftmax,
  ids: Int32Array,
  start: number,
  end: number,
  logits: Float32Array | Float64Array,
  at: number,
): void {
  const { dim, classes, table, output } = model;
  const { hidden } = model.scratch;
  let block = 0;
  for (; block + 4 <= dim; block += 4) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = start; i < end; i++) {
      const at = ids[i]! * dim + block;
      sum0 += table[at]!;
      sum1 += table[at + 1]!;
      sum2 += table[at + 2]!;
      sum3 += table[at + 3]!;
    }
    hidden[block] = sum0;
    hidden[block + 1] = sum1;
    hidden[block + 2] = sum2;
    hidden[block + 3] = sum3;
  }
  for (; block < dim; block++) {
    let sum = 0;
    for (let i = start; i < end; i++) sum += table[ids[i]! * dim + block]!;
    hidden[block] = sum;
  }
  const share = end > start ? 1 / (end - start) : 0;
  for (let c = 0; c < classes; c++) {
    let sum = 0;
    const row = c * dim;
    for (let d = 0; d < dim; d++) sum += output[row + d]! * hidden[d]!;
    logits[at + c] = sum * share;
  }
}

/**
 * One article's step of gradient descent. Nothing is changed when the loss is not finite.
 * @returns the cross-entropy before the update, in nats, weighted and smoothed as asked
 */
export function updateSparseSoftmax(
  model: SparseSoftmax,
  ids: Int32Array,
  start: number,
  end: number,
  label: number,
  options: ArticleUpdate,
): number {
  const { dim, classes, table, output, seen } = model;
  const { hidden, gradient, errors } = model.scratch;
  const { learningRate, weightDecay, labelSmoothing, classWeights, clipNorm } = options;
  if (end === start) return Math.log(classes);
  for (let i = start; i < end; i++) {
    if (seen[ids[i]!] === 0) startRow(model, ids[i]!);
  }
  computeSparseLogits(model, ids, start, end, errors, 0);

  const loss = softmaxErrors(errors, classes, label, labelSmoothing, classWeights);
  if (!Number.isFinite(loss)) return loss;
  const share = 1 / (end - start);
  let squaredErrors = 0;
  for (let c = 0; c < classes; c++) squaredErrors += errors[c]! * errors[c]!;
  let squaredHidden = 0;
  let squaredGradient = 0;
  for (let d = 0; d < dim; d++) {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += errors[c]! * output[c * dim + d]!;
    gradient[d] = sum;
    squaredGradient += sum * sum;
    hidden[d]! *= share;
    squaredHidden += hidden[d]! * hidden[d]!;
  }
  const norm = Math.sqrt(squaredErrors * squaredHidden + squaredGradient * share);
  const rate = norm > clipNorm ? (learningRate * clipNorm) / norm : learningRate;
  const keep = 1 - learningRate * weightDecay;
  for (let c = 0; c < classes; c++) {
    const row = c * dim;
    const factor = rate * errors[c]!;
    for (let d = 0; d < dim; d++) output[row + d] = keep * output[row + d]! - factor * hidden[d]!;
  }
  for (let d = 0; d < dim; d++) gradient[d]! *= rate * share;
  let block = 0;
  for (; block + 4 <= dim; block += 4) {
    const step0 = gradient[block]!;
    const step1 = gradient[block + 1]!;
    const step2 = gradient[block + 2]!;
    const step3 = gradient[block + 3]!;
    for (let i = start; i < end; i++) {
      const at = ids[i]! * dim + block;
      table[at] = keep * table[at]! - step0;
      table[at + 1] = keep * table[at + 1]! - step1;
      table[at + 2] = keep * table[at + 2]! - step2;
      table[at + 3] = keep * table[at + 3]! - step3;
    }
  }
  for (; block < dim; block++) {
    for (let i = start; i < end; i++) {
      const at = ids[i]! * dim + block;
      table[at] = keep * table[at]! - gradient[block]!;
    }
  }
  return loss;
}

/**
 * Turns logits [C] into d loss / d logits in place. As in PyTorch's cross_entropy, the smoothed share of each class has that
 * class's weight, and only the rest has the weight of the label.
 * @returns the loss
 */
function softmaxErrors(
  values: Float64Array,
  classes: number,
  label: number,
  smoothing: number,
  classWeights: Float64Array,
): number {
  let highest = values[0]!;
  for (let c = 1; c < classes; c++) if (values[c]! > highest) highest = values[c]!;
  const spread = smoothing / classes;
  const hard = classWeights[label]! * (1 - smoothing);
  let total = 0;
  let spreadLogits = 0;
  let targetSum = hard;
  const ofLabel = values[label]! - highest;
  for (let c = 0; c < classes; c++) {
    const shifted = values[c]! - highest;
    const share = spread * classWeights[c]!;
    spreadLogits += share * shifted;
    targetSum += share;
    values[c] = Math.exp(shifted);
    total += values[c]!;
  }
  for (let c = 0; c < classes; c++) values[c] = targetSum * (values[c]! / total) - spread * classWeights[c]!;
  values[label]! -= hard;
  return targetSum * Math.log(total) - hard * ofLabel - spreadLogits;
}

/** First values of a row: uniform in [-1/D, 1/D), a function of (seed, row, d) alone. */
function startRow(model: SparseSoftmax, id: number): void {
  const { dim, table, seed } = model;
  model.seen[id] = 1;
  const row = id * dim;
  for (let d = 0; d < dim; d++) {
    table[row + d] = (hash32(seed + Math.imul(row + d + 1, 0x9e3779b1)) / 2147483648 - 1) / dim;
  }
}
