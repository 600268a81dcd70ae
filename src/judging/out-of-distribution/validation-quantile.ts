// Limits from validation articles: which rows are measured, and the value that a given share of them stays below.
import type { TokenizedSplit } from '../../text/tokenize/index.ts';

/** Share of the validation articles that keep each limit. */
export const QUANTILE = 0.99;

/** At most `most` rows, spread evenly over the split. */
export function pickRows({ labels }: TokenizedSplit, most: number): number[] {
  const count = Math.min(most, labels.length);
  return Array.from({ length: count }, (_, i) => Math.floor((i * labels.length) / count));
}

/** The value below which `share` of the values lie; 0 where there are none. */
export function pickQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))] ?? 0;
}
