// Finds columns that give the label away. Each column is measured by several rules: its value, the value's form (letters as a,
// digits as 9), its first and last word, its size, its month. A rule is learned on one half of the rows and tested on the
// other, so that an id, which is different in every row, gives nothing away only because it can be learned by heart.
import { hash32 } from '../../../foundation/core/index.ts';
import { parseIsoDate } from '../iso-date.ts';
import { type Mark, type Measure, measureGuesses, measureMark } from './measure.ts';

/** More values of a rule than this are not told apart; the rest count as never seen. */
const MAX_VALUES = 20_000;
/** A longer value is a text. */
const MAX_VALUE_CHARS = 200;
const NUMBER_BINS = 16;
const NUMERIC_SHARE = 0.9;
/** A column that only few rows have says nothing about the others. */
const FOLDS = 2;

export interface ColumnRuleFinding extends Measure {
  readonly rule: ColumnRuleName;
  readonly words: string;
  /** How many different values the rule has; null: too many to count. */
  readonly distinct: number | null;
  /** The value that says most, and how many articles of each class have it; null where values differ in nearly every row. */
  readonly example: { readonly value: string; readonly rows: readonly number[] } | null;
}

export interface ColumnFinding {
  readonly column: string;
  /** What the column is to the program: title, text, source, …; null: nothing, it is not read. */
  readonly role: string | null;
  /** Number of different values; null if there are more than 20,000. */
  readonly distinct: number | null;
  /** Accuracy of the best guess from the value alone, on rows that it was not learned from; null for title and text. */
  readonly accuracyAlone: number | null;
  /** Share of articles whose value occurs with one class only; null for title and text. */
  readonly pure: number | null;
  /** The rules, the best first. */
  readonly rules: readonly ColumnRuleFinding[];
  /** Typing marks: fields that start or end with white space, or are empty. */
  readonly marks: readonly ({ readonly name: string } & Mark)[];
}

export interface ColumnAudit {
  add(row: number, column: string, value: string, label: number): void;
  findings(totals: readonly number[], roles: ReadonlyMap<string, string>): ColumnFinding[];
}

type ColumnRuleName = 'value' | 'form' | 'first word' | 'last word' | 'month' | 'size';

const RULES: readonly { name: ColumnRuleName; words: string; apply: (value: string) => string | null }[] = [
  { name: 'value', words: 'its value', apply: (value) => value },
  { name: 'form', words: 'the form of its value (a: letters, 9: digits)', apply: formOfValue },
  { name: 'first word', words: 'the first word of its value', apply: (value) => wordAt(value, 'first') },
  { name: 'last word', words: 'the last word of its value', apply: (value) => wordAt(value, 'last') },
  {
    name: 'month',
    words: 'the month of its date',
    apply: (value) => parseIsoDate(value)?.slice(0, 7) ?? null,
  },
];

const SHAPES: readonly { readonly name: string; readonly has: (value: string) => boolean }[] = [
  { name: 'starts with white space', has: (value) => /^\s/.test(value) && value.trim() !== '' },
  { name: 'ends with white space', has: (value) => /\s$/.test(value) && value.trim() !== '' },
  { name: 'is empty', has: (value) => value.trim() === '' },
];

interface RuleCounts {
  /** For each value [fold][class]. */
  readonly values: Map<string, Uint32Array>;
  isFull: boolean;
}

interface ColumnCounts {
  readonly rules: RuleCounts[];
  readonly shapes: number[][];
  readonly numbers: number[];
  readonly numberLabels: number[];
  readonly numberFolds: number[];
  /** [fold][class] of all rows that have the column. */
  readonly rows: Uint32Array;
  isText: boolean;
}

export function createColumnAudit(classes: number): ColumnAudit {
  const columns = new Map<string, ColumnCounts>();
  const create = (): ColumnCounts => ({
    rules: RULES.map(() => ({ values: new Map(), isFull: false })),
    shapes: SHAPES.map(() => Array.from({ length: classes }, () => 0)),
    numbers: [],
    numberLabels: [],
    numberFolds: [],
    rows: new Uint32Array(FOLDS * classes),
    isText: false,
  });
  const bump = (counts: Uint32Array | number[], at: number): void => {
    counts[at] = (counts[at] as number) + 1;
  };
  return {
    add: (row, column, value, label) => {
      const entry = columns.get(column) ?? create();
      columns.set(column, entry);
      const fold = hash32(row ^ 0x2545f491) % FOLDS;
      bump(entry.rows, fold * classes + label);
      for (const [i, shape] of SHAPES.entries())
        if (shape.has(value)) bump(entry.shapes[i] as number[], label);
      if (value.length > MAX_VALUE_CHARS) entry.isText = true;
      if (entry.isText) return;
      const trimmed = value.trim();
      if (trimmed !== '' && Number.isFinite(Number(trimmed))) {
        entry.numbers.push(Number(trimmed));
        entry.numberLabels.push(label);
        entry.numberFolds.push(fold);
      }
      for (const [i, rule] of RULES.entries()) {
        const counts = entry.rules[i] as RuleCounts;
        const key = rule.apply(value);
        if (key === null) continue;
        let ofValue = counts.values.get(key);
        if (ofValue === undefined) {
          if (counts.values.size >= MAX_VALUES) {
            counts.isFull = true;
            continue;
          }
          ofValue = new Uint32Array(FOLDS * classes);
          counts.values.set(key, ofValue);
        }
        bump(ofValue, fold * classes + label);
      }
    },
    findings: (totals, roles) =>
      [...columns].map(([column, counts]) => {
        const role = roles.get(column) ?? null;
        const isArticle = counts.isText || role === 'title' || role === 'text';
        const isLabel = role === 'label';
        const rules = isArticle || isLabel ? [] : measureRules(counts, classes);
        const [value] = rules.filter(({ rule }) => rule === 'value');
        return {
          column,
          role,
          distinct:
            isArticle || counts.rules[0]?.isFull === true ? null : (counts.rules[0]?.values.size ?? null),
          accuracyAlone: value?.accuracyAlone ?? null,
          pure: value === undefined ? null : pureShare(counts.rules[0] as RuleCounts, classes),
          rules: [...rules].sort((a, b) => b.separation - a.separation),
          marks: SHAPES.map(({ name }, i) => ({
            name,
            ...measureMark(counts.shapes[i] as number[], totals),
          })),
        };
      }),
  };
}

function measureRules(counts: ColumnCounts, classes: number): ColumnRuleFinding[] {
  const found = RULES.map(({ name, words }, i) => {
    const { values, isFull } = counts.rules[i] as RuleCounts;
    return {
      rule: name,
      words,
      distinct: isFull ? null : values.size,
      example: findExample(values, counts, classes),
      ...measureGuesses(guessFromValues(values, counts.rows, classes)),
    };
  });
  const rows = counts.rows.reduce((sum, count) => sum + count, 0);
  if (counts.numbers.length < NUMERIC_SHARE * rows) return found;
  const size = measureSize(counts, classes);
  return size === null ? found : [...found, size];
}

/** Guesses each half of the rows from the values of the other. */
function guessFromValues(
  values: ReadonlyMap<string, Uint32Array>,
  rows: Uint32Array,
  classes: number,
): number[][] {
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  const left = Float64Array.from(rows);
  for (const counts of values.values()) {
    for (let fold = 0; fold < FOLDS; fold++) {
      const guess = bestClass(counts, rows, 1 - fold, classes);
      for (let label = 0; label < classes; label++) {
        const count = counts[fold * classes + label] as number;
        if (count === 0 || guess === -1) continue;
        (confusion[label] as number[])[guess] = ((confusion[label] as number[])[guess] as number) + count;
        left[fold * classes + label] = (left[fold * classes + label] as number) - count;
      }
    }
  }
  // A value that the other half does not have is guessed at random.
  for (let at = 0; at < left.length; at++)
    for (let guess = 0; guess < classes; guess++) {
      const row = confusion[at % classes] as number[];
      row[guess] = (row[guess] as number) + (left[at] as number) / classes;
    }
  return confusion;
}

/** The class whose articles have a value most often, for its size; -1: none has it. */
function bestClass(counts: Uint32Array, rows: Uint32Array, fold: number, classes: number): number {
  let best = -1;
  let bestShare = 0;
  for (let label = 0; label < classes; label++) {
    const share =
      (counts[fold * classes + label] as number) / Math.max(1, rows[fold * classes + label] as number);
    if (share > bestShare) [best, bestShare] = [label, share];
  }
  return best;
}

function findExample(
  values: ReadonlyMap<string, Uint32Array>,
  { rows }: ColumnCounts,
  classes: number,
): ColumnRuleFinding['example'] {
  const sumFolds = (counts: Uint32Array): number[] =>
    Array.from(
      { length: classes },
      (_, label) => (counts[label] as number) + (counts[classes + label] as number),
    );
  const totals = sumFolds(rows);
  let best: { value: string; rows: number[]; bits: number } | null = null;
  for (const [value, counts] of values) {
    const ofValue = sumFolds(counts);
    const { bits } = measureMark(ofValue, totals);
    if (best === null || bits > best.bits) best = { value, rows: ofValue, bits };
  }
  if (best === null || best.rows.reduce((sum, count) => sum + count, 0) < 3) return null;
  return { value: best.value, rows: best.rows };
}

/** Rules over numbers: which of sixteen ranges with equally many rows. */
function measureSize(counts: ColumnCounts, classes: number): ColumnRuleFinding | null {
  const { numbers, numberLabels, numberFolds, rows } = counts;
  const sorted = Float64Array.from(numbers).sort();
  const limits = [
    ...new Set(
      Array.from(
        { length: NUMBER_BINS - 1 },
        (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / NUMBER_BINS)] as number,
      ),
    ),
  ];
  if (limits.length < 2) return null;
  const values = new Map<string, Uint32Array>();
  for (const [i, number] of numbers.entries()) {
    let bin = 0;
    while (bin < limits.length && number >= (limits[bin] as number)) bin++;
    const from = bin === 0 ? sorted[0] : limits[bin - 1];
    const key = `from ${from}`;
    const ofBin = values.get(key) ?? new Uint32Array(FOLDS * classes);
    const at = (numberFolds[i] as number) * classes + (numberLabels[i] as number);
    ofBin[at] = (ofBin[at] as number) + 1;
    values.set(key, ofBin);
  }
  return {
    rule: 'size',
    words: 'the size of its number',
    distinct: values.size,
    example: findExample(values, counts, classes),
    ...measureGuesses(guessFromValues(values, rows, classes)),
  };
}

function pureShare({ values }: RuleCounts, classes: number): number {
  let [pure, all] = [0, 0];
  for (const counts of values.values()) {
    const size = counts.reduce((sum, count) => sum + count, 0);
    const labels = new Set([...counts].flatMap((count, at) => (count > 0 ? [at % classes] : [])));
    if (labels.size === 1) pure += size;
    all += size;
  }
  return all === 0 ? 0 : pure / all;
}

/** A value with letters as a and digits as 9, runs shortened: "2017-05-02" is "9-9-9". */
function formOfValue(value: string): string {
  return value
    .replace(/\p{Lu}[\p{L}\p{M}]*/gu, 'A')
    .replace(/\p{L}[\p{L}\p{M}]*/gu, 'a')
    .replace(/\p{N}+/gu, '9')
    .slice(0, 40);
}

function wordAt(value: string, which: 'first' | 'last'): string | null {
  const words = value.match(/[\p{L}\p{M}]+|\p{N}+/gu);
  return (which === 'first' ? words?.[0] : words?.at(-1))?.toLowerCase() ?? null;
}
