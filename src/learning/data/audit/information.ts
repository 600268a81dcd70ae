// Measures how much a yes-or-no mark says about the class: mutual information in bits, and the accuracy of guessing the
// class from the mark alone.

export interface Mark {
  /** Share of each class's articles that have the mark, in the order of the classes. */
  readonly share: readonly number[];
  /** Mutual information of mark and class, in bits; 1 separates two equally large classes completely. */
  readonly bits: number;
  /** Accuracy of the best guess from the mark alone. */
  readonly accuracyAlone: number;
}

/**
 * Measures one mark.
 * @param withMark  the number of articles of each class that have the mark
 * @param totals    the number of articles of each class
 */
export function measureMark(withMark: readonly number[], totals: readonly number[]): Mark {
  const n = sum(totals);
  const marked = sum(withMark);
  let bits = 0;
  let bestWith = 0;
  let bestWithout = 0;
  for (const [i, total] of totals.entries()) {
    const yes = withMark[i] ?? 0;
    bits += cellBits(yes, total, marked, n) + cellBits(total - yes, total, n - marked, n);
    bestWith = Math.max(bestWith, yes);
    bestWithout = Math.max(bestWithout, total - yes);
  }
  return {
    share: totals.map((total, i) => (total === 0 ? 0 : (withMark[i] ?? 0) / total)),
    bits: Math.max(0, bits),
    accuracyAlone: n === 0 ? 0 : (bestWith + bestWithout) / n,
  };
}

function cellBits(joint: number, row: number, column: number, n: number): number {
  return joint === 0 ? 0 : (joint / n) * Math.log2((joint * n) / (row * column));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
