// Splits articles into batches for one run of the session each. Sorted by length, so that little padding is computed; kept
// small, so that a single article never waits for all of a request of 256.
import type { TensorData } from '../../engine/graph/index.ts';

/** Padded tokens in one run of the session: about 0.1 s of a compact model on two cores. */
const MAX_BATCH_TOKENS = 2048;
const MAX_BATCH_ARTICLES = 64;

/**
 * Splits article indices into batches of similar length.
 * @param lengths  [N] tokens of each article
 * @param alone    one article in each batch
 * @returns every index once; B * T of a batch stays within the limits unless B = 1
 */
export function planInferenceBatches(
  lengths: readonly number[],
  {
    alone = false,
    maxTokens = MAX_BATCH_TOKENS,
    maxArticles = MAX_BATCH_ARTICLES,
  }: { readonly alone?: boolean; readonly maxTokens?: number; readonly maxArticles?: number } = {},
): number[][] {
  const most = alone ? 1 : maxArticles;
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const batches: number[][] = [];
  let current: number[] = [];
  for (const index of order) {
    // sorted by length: the new article is the longest, so it sets T for all
    const full = current.length === most || (current.length + 1) * lengths[index]! > maxTokens;
    if (full && current.length > 0) {
      batches.push(current);
      current = [];
    }
    current.push(index);
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/**
 * Pads sequences to a rectangle, as int64: the type of the exported model's inputs.
 * @returns input_ids and attention_mask, both [B, T]
 */
export function padBatch(
  sequences: readonly Int32Array[],
  padId: number,
): { input_ids: TensorData; attention_mask: TensorData } {
  const size = sequences.length; // B
  const length = Math.max(1, ...sequences.map((ids) => ids.length)); // T
  const ids = new BigInt64Array(size * length).fill(BigInt(padId)); // [B, T]
  const mask = new BigInt64Array(size * length); // [B, T]
  sequences.forEach((sequence, row) => {
    for (let column = 0; column < sequence.length; column++) {
      ids[row * length + column] = BigInt(sequence[column]!);
      mask[row * length + column] = 1n;
    }
  });
  const shape = [size, length];
  return {
    input_ids: { dtype: 'int64', shape, data: ids },
    attention_mask: { dtype: 'int64', shape, data: mask },
  };
}
