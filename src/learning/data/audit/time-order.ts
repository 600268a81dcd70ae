// Compares a split by time with a random one: a quick model learns from the older articles and is tested on the newest fifth,
// then from as many random ones. A large difference means that figures of a random split promise too much about tomorrow.
import { hash32 } from '../../../foundation/core/index.ts';
import { type Measure, measureGuesses } from './measure.ts';
import { countGuesses, type LabelledFeatures, trainQuickModel } from './quick-model.ts';

export interface TimeOrder {
  /** Rows that have a date. */
  readonly rows: number;
  readonly from: string;
  readonly to: string;
  /** The first day of the newest fifth; null: too few rows, or a class is missing before or after it. */
  readonly cut: string | null;
  readonly time: Measure | null;
  readonly random: Measure | null;
}

const NEWEST = 0.2;
const MIN_ROWS = 100;

/** @param dates  YYYY-MM-DD of each row; null: none. @returns null if no row has a date */
export function compareTimeOrder(
  data: LabelledFeatures,
  dates: readonly (string | null)[],
): TimeOrder | null {
  const dated = [...data.labels.keys()].filter((row) => dates[row] !== null);
  if (dated.length === 0) return null;
  const dateOf = (row: number): string => dates[row] as string;
  const byTime = [...dated].sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : dateOf(a) > dateOf(b) ? 1 : a - b));
  const span = { rows: dated.length, from: dateOf(byTime[0] as number), to: dateOf(byTime.at(-1) as number) };
  // Articles of one day are not divided.
  const cut = dateOf(byTime[Math.floor(byTime.length * (1 - NEWEST))] as number);
  const older = byTime.filter((row) => dateOf(row) < cut);
  const newer = byTime.filter((row) => dateOf(row) >= cut);
  const classesOf = (rows: readonly number[]): number => new Set(rows.map((row) => data.labels[row])).size;
  const all = classesOf(dated);
  if (dated.length < MIN_ROWS || classesOf(older) < all || classesOf(newer) < all)
    return { ...span, cut: null, time: null, random: null };
  const mixed = [...dated].sort((a, b) => hash32(a ^ 0x1b873593) - hash32(b ^ 0x1b873593));
  const measure = (training: readonly number[], held: readonly number[]): Measure =>
    measureGuesses(
      countGuesses(trainQuickModel(data, Int32Array.from(training)), data, Int32Array.from(held)),
    );
  return {
    ...span,
    cut,
    time: measure(older, newer),
    random: measure(mixed.slice(newer.length), mixed.slice(0, newer.length)),
  };
}
