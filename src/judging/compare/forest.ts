// A random forest for regression over mixed parameters (Breiman 2001, Machine Learning 45): bootstrapped trees, grown until
// leaves are pure or too small, every factor tried at each split. Leaves keep their box, which functional ANOVA needs.
import { createRandom, type Random } from '../../foundation/core/index.ts';
import type { FactorTable } from './factors.ts';

/** Part of the space in which a tree predicts one value. */
export interface Leaf {
  readonly value: number;
  /** [factors] Share of the factor's range, in (0, 1]. */
  readonly widths: Float64Array;
  /** [factors] Lower and upper end of a number. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** By factor: the categories inside, for a category. */
  readonly sets: readonly (ReadonlySet<number> | null)[];
}

export type Tree = readonly Leaf[];

interface Box {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly sets: readonly (ReadonlySet<number> | null)[];
}

const MIN_SPLIT = 2;

/** Grows `trees` trees on bootstrap samples of the table. Deterministic from `seed`. */
export function growForest(table: FactorTable, { trees, seed }: { trees: number; seed: number }): Tree[] {
  return Array.from({ length: trees }, (_, i) => growTree(table, createRandom('forest', seed, i)));
}

function growTree(table: FactorTable, random: Random): Tree {
  const n = table.values.length;
  const sample = Int32Array.from({ length: n }, () => random.integer(n));
  const box: Box = {
    lows: new Float64Array(table.factors.length),
    highs: new Float64Array(table.factors.length).fill(1),
    sets: table.factors.map(({ kind, categories }) =>
      kind === 'number' ? null : new Set(Array.from({ length: categories }, (_, i) => i)),
    ),
  };
  const leaves: Leaf[] = [];
  const open: { rows: Int32Array; box: Box }[] = [{ rows: sample, box }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const split = findSplit(table, node.rows);
    if (split === null) leaves.push(closeLeaf(table, node.rows, node.box));
    else open.push(...divide(table, node, split));
  }
  return leaves;
}

interface Split {
  readonly factor: number;
  /** Rows with a number at or below it go left; null for a category. */
  readonly threshold: number;
  readonly left: ReadonlySet<number> | null;
}

/** The split that lowers the squared error most; null if none does. */
function findSplit({ factors, values }: FactorTable, rows: Int32Array): Split | null {
  if (rows.length < MIN_SPLIT) return null;
  let best: Split | null = null;
  let bestGain = 1e-12 * sumOfSquares(values, rows);
  for (const [f, factor] of factors.entries()) {
    // Categories are ordered by their mean: among all divisions of a set in two, the best is one of that order (Breiman 1984).
    const rank = factor.kind === 'category' ? rankCategories(factor.column, values, rows) : null;
    const keyOf = (row: number): number =>
      rank === null ? factor.column[row]! : (rank.get(factor.column[row]!) ?? 0);
    const sorted = [...rows].sort((a, b) => keyOf(a) - keyOf(b));
    const total = sorted.reduce((sum, row) => sum + values[row]!, 0);
    let left = 0;
    for (let i = 1; i < sorted.length; i++) {
      left += values[sorted[i - 1]!]!;
      const before = keyOf(sorted[i - 1]!);
      const after = keyOf(sorted[i]!);
      if (before === after) continue;
      const gain = left ** 2 / i + (total - left) ** 2 / (sorted.length - i) - total ** 2 / sorted.length;
      if (gain <= bestGain) continue;
      bestGain = gain;
      const members =
        rank === null ? null : new Set([...rank].filter(([, place]) => place <= before).map(([c]) => c));
      best = { factor: f, threshold: (before + after) / 2, left: members };
    }
  }
  return best;
}

/** The place of each category among the rows, by mean value. */
function rankCategories(column: Float64Array, values: Float64Array, rows: Int32Array): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const row of rows) {
    const entry = sums.get(column[row]!) ?? { sum: 0, count: 0 };
    entry.sum += values[row]!;
    entry.count++;
    sums.set(column[row]!, entry);
  }
  const ordered = [...sums].sort(([, a], [, b]) => a.sum / a.count - b.sum / b.count);
  return new Map(ordered.map(([category], place) => [category, place]));
}

function divide(
  { factors }: FactorTable,
  { rows, box }: { rows: Int32Array; box: Box },
  { factor, threshold, left }: Split,
): { rows: Int32Array; box: Box }[] {
  const { column } = factors[factor]!;
  const goesLeft = (value: number): boolean => (left === null ? value <= threshold : left.has(value));
  return [true, false].map((isLeft) => {
    const lows = box.lows.slice();
    const highs = box.highs.slice();
    const sets = [...box.sets];
    if (left === null) (isLeft ? highs : lows)[factor] = threshold;
    else sets[factor] = new Set([...box.sets[factor]!].filter((category) => left.has(category) === isLeft));
    return { rows: rows.filter((row) => goesLeft(column[row]!) === isLeft), box: { lows, highs, sets } };
  });
}

function closeLeaf({ factors, values }: FactorTable, rows: Int32Array, { lows, highs, sets }: Box): Leaf {
  const value = rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  const widths = Float64Array.from(factors, ({ kind, categories }, f) =>
    kind === 'number' ? highs[f]! - lows[f]! : sets[f]!.size / categories,
  );
  return { value, widths, lows, highs, sets };
}

function sumOfSquares(values: Float64Array, rows: Int32Array): number {
  const mean = rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  return rows.reduce((sum, row) => sum + (values[row]! - mean) ** 2, 0);
}
