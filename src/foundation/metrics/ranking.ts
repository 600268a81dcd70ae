// Computes figures that depend only on the order of the scores: ROC-AUC by ranks (ties count half, Mann–Whitney), average
// precision (the step sum, not the trapezoid), and the ROC curve. Reference: scikit-learn, test/evaluate/reference.

/** Rows from the lowest to the highest score. */
export function sortByScore(scores: Float64Array): Uint32Array {
  return Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
}

/** @returns null unless there are both positives and negatives */
export function computeRocAuc(scores: Float64Array, isPositive: (row: number) => boolean): number | null {
  let below = 0; // others with a lower score
  let pairs = 0;
  let positives = 0;
  for (const { right, wrong } of groupTies(scores, isPositive)) {
    pairs += right * (below + wrong / 2);
    below += wrong;
    positives += right;
  }
  return positives === 0 || below === 0 ? null : pairs / (positives * below);
}

/**
 * Area under precision and recall: sum of (recall step) x (precision there), from the highest score down.
 * @returns null when nothing is positive
 */
export function computeAveragePrecision(
  scores: Float64Array,
  isPositive: (row: number) => boolean,
): number | null {
  let found = 0;
  let taken = 0;
  let sum = 0;
  for (const { right, wrong } of groupTies(scores, isPositive).reverse()) {
    found += right;
    taken += right + wrong;
    sum += right * (found / taken);
  }
  return found === 0 ? null : sum / found;
}

/**
 * [false positive rate, true positive rate] from [0, 0] to [1, 1]; corners only, thinned to about `maxPoints`.
 * Empty unless there are both positives and others.
 */
export function computeRocCurve(
  scores: Float64Array,
  isPositive: (row: number) => boolean,
  maxPoints = 200,
): [number, number][] {
  const groups = groupTies(scores, isPositive).reverse();
  const positives = groups.reduce((sum, group) => sum + group.right, 0);
  const others = groups.reduce((sum, group) => sum + group.wrong, 0);
  if (positives === 0 || others === 0) return [];
  const counts: [number, number][] = [[0, 0]];
  for (const { right, wrong } of groups) {
    const [x, y] = counts.at(-1)!;
    const point: [number, number] = [x + wrong, y + right];
    const before = counts.at(-2);
    // The point is on one line with the last two, so the middle one is not a corner.
    if (before && (x - before[0]) * (point[1] - y) === (y - before[1]) * (point[0] - x)) counts.pop();
    counts.push(point);
  }
  const stride = Math.ceil(counts.length / maxPoints);
  return counts
    .filter((_, index) => index % stride === 0 || index === counts.length - 1)
    .map(([x, y]) => [x / others, y / positives]);
}

interface TieGroup {
  readonly right: number;
  readonly wrong: number;
}

/** Positives and others at each distinct score, lowest first. */
function groupTies(scores: Float64Array, isPositive: (row: number) => boolean): TieGroup[] {
  const groups: { right: number; wrong: number }[] = [];
  let last = Number.NaN;
  for (const row of sortByScore(scores)) {
    if (scores[row] !== last) groups.push({ right: 0, wrong: 0 });
    last = scores[row]!;
    groups.at(-1)![isPositive(row) ? 'right' : 'wrong']++;
  }
  return groups;
}

/** Mean over the classes that have a figure; null when none has. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The classes of a ranking figure: class 1 of two; of more classes each, against the rest. */
export function positiveClasses(classes: number): number[] {
  return classes === 2 ? [1] : Array.from({ length: classes }, (_, c) => c);
}
