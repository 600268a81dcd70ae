// Batches of articles of similar length, so that little of [B, T] is padding, in an order that follows from
// (seed, epoch) alone. Articles are shuffled, sorted by length only within chunks of 64 batches (in a small split with
// their lengths blurred a little), then whole batches are shuffled: each epoch puts other articles into one batch.
import { createRandom } from '../../foundation/core/index.ts';
import type { Batch, TokenizedSplit } from './article-encoder.ts';

const CHUNK_BATCHES = 64;
/** With fewer chunks than this, chunking alone would bring the same articles together in every epoch. */
const FEW_CHUNKS = 4;
/** Measured in docs/lab-notes.md: more blur, more padding. */
const LENGTH_BLUR = 0.05;

export interface BatchPlanOptions {
  /** [N] tokens of each article. */
  readonly lengths: ArrayLike<number>;
  /** B, at most. */
  readonly maxArticles: number;
  /** B * T, padding included, at most; a longer article is a batch by itself. */
  readonly maxTokens: number;
  readonly seed: number;
  readonly epoch: number;
  /** False: all sorted by length, the same for every seed and epoch. */
  readonly shuffle: boolean;
}

/** Plans one epoch. @returns batches as rows of the split; every row is in exactly one */
export function planBatches(options: BatchPlanOptions): readonly Int32Array[] {
  const { lengths, seed, epoch } = options;
  const rows = Int32Array.from({ length: lengths.length }, (_, row) => row);
  if (!options.shuffle) {
    rows.sort((a, b) => lengths[a]! - lengths[b]! || a - b);
    return cutBatches(rows, options);
  }
  const random = createRandom(seed, 'batches', epoch);
  random.shuffle(rows);
  const chunkRows = CHUNK_BATCHES * options.maxArticles;
  const blur = rows.length < FEW_CHUNKS * chunkRows ? LENGTH_BLUR : 0;
  const blurred = Float64Array.from(rows, (_, row) => lengths[row]! * (1 + blur * (2 * random.next() - 1)));
  const batches: Int32Array[] = [];
  for (let start = 0; start < rows.length; start += chunkRows) {
    const chunk = rows.subarray(start, start + chunkRows);
    // Equal lengths keep the shuffled order: sort is stable.
    chunk.sort((a, b) => blurred[a]! - blurred[b]!);
    for (const batch of cutBatches(chunk, options)) batches.push(batch);
  }
  return random.shuffle(batches);
}

/** Plans a pass in which order does not matter: least padding, the same every time. */
export function planEvaluationBatches(
  options: Pick<BatchPlanOptions, 'lengths' | 'maxArticles' | 'maxTokens'>,
): readonly Int32Array[] {
  return planBatches({ ...options, seed: 0, epoch: 0, shuffle: false });
}

/** Share of B * T that is padding over all batches, in [0, 1). */
export function measurePadding(batches: readonly Int32Array[], lengths: ArrayLike<number>): number {
  let real = 0;
  let all = 0;
  for (const rows of batches) {
    let longest = 0;
    for (const row of rows) {
      real += lengths[row]!;
      longest = Math.max(longest, lengths[row]!);
    }
    all += longest * rows.length;
  }
  return all === 0 ? 0 : 1 - real / all;
}

/** Gathers `rows` of a split into one padded batch. @returns inputIds and attentionMask [B, T] */
export function collateBatch(split: TokenizedSplit, rows: ArrayLike<number>, padId: number): Batch {
  const size = rows.length;
  let length = 0;
  let tokens = 0;
  for (let i = 0; i < size; i++) {
    const own = split.offsets[rows[i]! + 1]! - split.offsets[rows[i]!]!;
    length = Math.max(length, own);
    tokens += own;
  }
  const inputIds = new Int32Array(size * length).fill(padId); // [B, T]
  const attentionMask = new Int32Array(size * length); // [B, T]
  const labels = new Int32Array(size); // [B]
  for (let i = 0; i < size; i++) {
    const row = rows[i]!;
    const ids = split.ids.subarray(split.offsets[row], split.offsets[row + 1]);
    inputIds.set(ids, i * length);
    attentionMask.fill(1, i * length, i * length + ids.length);
    labels[i] = split.labels[row]!;
  }
  return { size, length, inputIds, attentionMask, labels, rows: Int32Array.from(rows), tokens };
}

function cutBatches(sorted: Int32Array, options: BatchPlanOptions): Int32Array[] {
  const { lengths, maxArticles, maxTokens } = options;
  const batches: Int32Array[] = [];
  let start = 0;
  let longest = 0;
  for (let i = 0; i < sorted.length; i++) {
    const grown = Math.max(longest, lengths[sorted[i]!]!);
    const count = i - start + 1;
    if (count > 1 && (count > maxArticles || count * grown > maxTokens)) {
      batches.push(sorted.slice(start, i));
      start = i;
      longest = lengths[sorted[i]!]!;
    } else {
      longest = grown;
    }
  }
  if (start < sorted.length) batches.push(sorted.slice(start));
  return batches;
}
