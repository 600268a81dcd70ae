// How each parameter of a sweep goes together with the value: rank correlation for numbers (Spearman 1904), the share of
// variance between categories for the rest (correlation ratio, Fisher 1925).
import { type AnalysedTrial, buildFactorTable, type FactorRange } from './factors.ts';

export interface Correlation {
  readonly parameter: string;
  /** spearman: in [-1, 1]; below zero: larger values lower the metric. ratio: eta squared in [0, 1], without direction. */
  readonly kind: 'spearman' | 'ratio';
  readonly value: number;
  readonly trials: number;
}

/** Correlations of all parameters that varied, strongest first; none with fewer than three trials. */
export function measureCorrelations(
  trials: readonly AnalysedTrial[],
  ranges?: Readonly<Record<string, FactorRange>>,
): Correlation[] {
  const { factors, values } = buildFactorTable(trials, ranges);
  if (values.length < 3 || values.every((value) => value === values[0])) return [];
  return factors
    .map(({ name, kind, column }): Correlation => {
      const common = { parameter: name, trials: values.length };
      return kind === 'number'
        ? { ...common, kind: 'spearman', value: correlate(ranksOf(column), ranksOf(values)) }
        : { ...common, kind: 'ratio', value: correlationRatio(column, values) };
    })
    .sort((a, b) => strengthOf(b) - strengthOf(a));
}

/** Both kinds on one scale: the square root of eta squared is the size of a correlation. */
function strengthOf({ kind, value }: Correlation): number {
  return kind === 'spearman' ? Math.abs(value) : Math.sqrt(value);
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Pearson's correlation; 0 where one side does not vary. */
export function correlate(a: Float64Array, b: Float64Array): number {
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    product += (a[i]! - meanA) * (b[i]! - meanB);
    squareA += (a[i]! - meanA) ** 2;
    squareB += (b[i]! - meanB) ** 2;
  }
  return squareA === 0 || squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB);
}

function correlationRatio(categories: Float64Array, values: Float64Array): number {
  const groups = new Map<number, number[]>();
  for (const [i, category] of categories.entries())
    groups.set(category, [...(groups.get(category) ?? []), values[i]!]);
  const mean = meanOf(values);
  const total = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const between = [...groups.values()].reduce(
    (sum, group) => sum + group.length * (meanOf(Float64Array.from(group)) - mean) ** 2,
    0,
  );
  return total === 0 ? 0 : between / total;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
