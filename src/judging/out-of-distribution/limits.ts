// Which articles limits are measured on, and the limit that all but few of them keep.
import type { TokenizedSplit } from '../../text/tokenize/index.ts';

/** Share of the validation articles that keep each limit. */
export const QUANTILE = 0.99;

/** At most `most` rows, evenly over the split. */
export function pickRows({ labels }: TokenizedSplit, most: number): number[] {
  const count = Math.min(most, labels.length);
  return Array.from({ length: count }, (_, i) => Math.floor((i * labels.length) / count));
}

/** The value below which `share` of them lie. */
export function pickQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))] ?? 0;
}
