// Finds columns that give the label away: columns with few values (a subject, an outlet), and columns whose fields are
// typed differently in each class (a space at the end).
import type { RawRow } from '../raw-row.ts';
import { type Mark, measureMark } from './information.ts';

const MAX_VALUES = 300;

export interface ColumnFinding {
  readonly column: string;
  /** Number of different values; null if there are more than 300. */
  readonly distinct: number | null;
  /** Accuracy of the best guess from the value alone; null if there are more than 300 values. */
  readonly accuracyAlone: number | null;
  /** Share of articles whose value occurs with one class only; null if there are more than 300 values. */
  readonly pure: number | null;
  /** Typing marks: fields that start or end with white space, or are empty. */
  readonly marks: readonly ({ readonly name: string } & Mark)[];
}

export interface ColumnAudit {
  add(row: RawRow, label: number): void;
  /**
   * Measures each column.
   * @param order     the label number of each class
   * @param totals    the number of articles of each class
   * @param freeText  columns whose values are not categories: title, text, …
   */
  findings(
    order: readonly number[],
    totals: readonly number[],
    freeText: readonly (string | null)[],
  ): ColumnFinding[];
}

const SHAPES: readonly { readonly name: string; readonly has: (value: string) => boolean }[] = [
  { name: 'starts with white space', has: (value) => /^\s/.test(value) && value.trim() !== '' },
  { name: 'ends with white space', has: (value) => /\s$/.test(value) && value.trim() !== '' },
  { name: 'is empty', has: (value) => value.trim() === '' },
];

export function createColumnAudit(): ColumnAudit {
  const columns = new Map<string, { values: Map<string, number[]> | null; shapes: number[][] }>();
  const bump = (counts: number[], label: number): void => {
    counts[label] = (counts[label] ?? 0) + 1;
  };
  return {
    add: (row, label) => {
      for (const column of row.columns) {
        let entry = columns.get(column);
        if (entry === undefined) {
          entry = { values: new Map(), shapes: SHAPES.map(() => []) };
          columns.set(column, entry);
        }
        const value = row.get(column) ?? '';
        for (const [i, shape] of SHAPES.entries())
          if (shape.has(value)) bump(entry.shapes[i] as number[], label);
        if (entry.values === null) continue;
        const counts = entry.values.get(value) ?? [];
        bump(counts, label);
        entry.values.set(value, counts);
        if (entry.values.size > MAX_VALUES) entry.values = null;
      }
    },
    findings: (order, totals, freeText) =>
      [...columns].map(([column, { values, shapes }]) => {
        const known = freeText.includes(column) ? null : values;
        const n = totals.reduce((a, b) => a + b, 0);
        const perValue =
          known === null ? [] : [...known.values()].map((counts) => order.map((label) => counts[label] ?? 0));
        const size = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
        const total = (pick: (counts: readonly number[]) => number): number | null =>
          known === null ? null : perValue.reduce((sum, counts) => sum + pick(counts), 0) / n;
        return {
          column,
          distinct: known?.size ?? null,
          accuracyAlone: total((counts) => Math.max(...counts)),
          pure: total((counts) => (counts.filter((count) => count > 0).length === 1 ? size(counts) : 0)),
          marks: SHAPES.map(({ name }, i) => ({
            name,
            ...measureMark(
              order.map((label) => shapes[i]?.[label] ?? 0),
              totals,
            ),
          })),
        };
      }),
  };
}
