// The parameters of finished trials as a table of numbers, for the analyses of a sweep: numbers scaled to [0, 1] (by their
// logarithm where that is how they were searched), everything else as the number of its category.

/** A value that a parameter can have; the same as in a search space. */
export type FactorValue = string | number | boolean | null;

/** What an analysis reads of a trial. Parameters that a condition switched off are absent. */
export interface AnalysedTrial {
  readonly parameters: Readonly<Record<string, FactorValue>>;
  /** The metric that the sweep optimises, as measured: not negated. */
  readonly value: number;
}

/** How one parameter was searched. Without it, the kind follows from the values. */
export interface FactorRange {
  readonly kind: 'number' | 'category';
  readonly low?: number;
  readonly high?: number;
  readonly log?: boolean;
  readonly choices?: readonly FactorValue[];
}

/** One column of the table: a parameter that took at least two values. */
export interface Factor {
  readonly name: string;
  readonly kind: 'number' | 'category';
  readonly log: boolean;
  /** Categories; 0 for a number. */
  readonly categories: number;
  /** [trials] A number in [0, 1], or the index of a category. A number that was switched off lies in the middle. */
  readonly column: Float64Array;
}

export interface FactorTable {
  readonly factors: readonly Factor[];
  /** [trials] */
  readonly values: Float64Array;
}

/** Trials with a finite value, as columns. Parameters that never varied are left out: they explain nothing. */
export function buildFactorTable(
  trials: readonly AnalysedTrial[],
  ranges: Readonly<Record<string, FactorRange>> = {},
): FactorTable {
  const used = trials.filter(({ value }) => Number.isFinite(value));
  const names = [...new Set(used.flatMap(({ parameters }) => Object.keys(parameters)))].sort();
  const factors = names.flatMap((name) => {
    const cells = used.map(({ parameters }) => parameters[name]);
    if (new Set(cells.map((cell) => JSON.stringify(cell))).size < 2) return [];
    const range = ranges[name] ?? guessRange(cells);
    return [range.kind === 'number' ? numberFactor(name, cells, range) : categoryFactor(name, cells)];
  });
  return { factors, values: Float64Array.from(used, ({ value }) => value) };
}

/** Numbers count as searched by their logarithm if their median lies nearer to the geometric than to the arithmetic middle. */
function guessRange(cells: readonly (FactorValue | undefined)[]): FactorRange {
  const present = cells.filter((cell) => cell !== undefined);
  const numbers = present.filter((cell) => typeof cell === 'number').sort((a, b) => a - b);
  if (numbers.length < present.length) return { kind: 'category' };
  const low = numbers[0]!;
  const high = numbers.at(-1)!;
  if (low <= 0) return { kind: 'number' };
  const median = Math.log(numbers[Math.floor(numbers.length / 2)]!);
  const toGeometric = Math.abs(median - (Math.log(low) + Math.log(high)) / 2);
  return { kind: 'number', log: toGeometric < Math.abs(median - Math.log((low + high) / 2)) };
}

function numberFactor(name: string, cells: readonly (FactorValue | undefined)[], range: FactorRange): Factor {
  const log = range.log === true;
  const scale = (value: number): number => (log ? Math.log(value) : value);
  const numbers = cells.filter((cell) => typeof cell === 'number');
  const low = scale(range.low ?? Math.min(...numbers));
  const high = scale(range.high ?? Math.max(...numbers));
  const column = Float64Array.from(cells, (cell) =>
    typeof cell === 'number' && high > low ? clamp((scale(cell) - low) / (high - low)) : 0.5,
  );
  return { name, kind: 'number', log, categories: 0, column };
}

function categoryFactor(name: string, cells: readonly (FactorValue | undefined)[]): Factor {
  const keys = cells.map((cell) => (cell === undefined ? '' : JSON.stringify(cell)));
  const known = [...new Set(keys)].sort();
  const column = Float64Array.from(keys, (key) => known.indexOf(key));
  return { name, kind: 'category', log: false, categories: known.length, column };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
