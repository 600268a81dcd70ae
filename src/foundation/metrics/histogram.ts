// Counts how many numbers lie in which range.

export interface ValueCounts {
  /** [K + 1] limits of the ranges, ascending. */
  readonly edges: number[];
  /** [K] how many numbers lie from one limit up to the next; the last limit belongs to the last range. */
  readonly counts: number[];
}

/** Counts the values between the first and the last of `edges`; others are left out. */
export function countHistogram(values: Iterable<number>, edges: readonly number[]): ValueCounts {
  const counts = new Array<number>(edges.length - 1).fill(0);
  const last = edges.length - 1;
  for (const value of values) {
    if (!(value >= edges[0]! && value <= edges[last]!)) continue;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value >= edges[middle]!) low = middle;
      else high = middle;
    }
    counts[low]!++;
  }
  return { edges: [...edges], counts };
}

/** [K + 1] limits of `ranges` equal ranges from the smallest to the largest value, rounded outwards to whole numbers. */
export function spreadWholeEdges(values: Iterable<number>, ranges: number): number[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const width = Math.max(1, Math.ceil((high - low + 1) / ranges));
  return Array.from({ length: Math.ceil((high - low + 1) / width) + 1 }, (_, i) => low + i * width);
}
