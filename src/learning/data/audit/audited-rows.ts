// Chooses what an audit looks at: the classes that are told apart, and the rows from which quick models learn and words are
// shown. Samples depend on the row numbers alone.
import { appError, hash32 } from '../../../foundation/core/index.ts';
import { type Grouping, ROW_KEPT } from '../grouping.ts';
import type { Ingested } from '../ingest.ts';
import { orderClasses } from '../labelled-rows.ts';
import type { DataOptions } from '../options.ts';

/** limits: only what can stop a training; whole: everything. */
export type AuditDepth = 'limits' | 'whole';

/** The largest classes are told apart; the articles of the others count as one class. */
const MAX_CLASSES = 20;
const OTHER_CLASSES = '(other classes)';
/** How many articles the quick models of parts learn from, and the one that looks for doubtful labels. */
const MODEL_ROWS = 6000;
const SUSPECT_ROWS = 50_000;
/** Articles from which phrases are named and the rules of cleaning are measured. */
const SHOWN_ROWS = 4000;

export interface AuditedClasses {
  readonly names: readonly string[];
  /** Class of each row. */
  readonly of: Uint16Array;
}

/** @throws DATA_LABELS */
export function chooseClasses(table: Ingested, config: DataOptions): AuditedClasses {
  const counts = new Map<string, number>();
  for (const label of table.label) {
    const name = table.labelNames[label] as string;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const found = orderClasses(counts.keys(), config.classes).filter((name) => counts.has(name));
  if (found.length < 2) {
    throw appError('DATA_LABELS', {
      name: config.name,
      expected: 'articles of at least two classes',
      got: found.length === 0 ? 'none' : `only ${found.join(', ')}`,
      hint: 'Add articles of another class, or check data.columns.label and data.labels.',
    });
  }
  const largest = [...found].sort((a, b) => (counts.get(b) as number) - (counts.get(a) as number));
  const own = new Set(found.length <= MAX_CLASSES ? found : largest.slice(0, MAX_CLASSES - 1));
  const names = [
    ...found.filter((name) => own.has(name)),
    ...(own.size < found.length ? [OTHER_CLASSES] : []),
  ];
  const of = table.labelNames.map((name) => (own.has(name) ? names.indexOf(name) : names.length - 1));
  return { names, of: Uint16Array.from(table.label, (label) => of[label] as number) };
}

export interface ChosenRows {
  readonly kept: Uint8Array;
  /** 1: quick models learn from it: one row of each group of near duplicates. */
  readonly model: Uint8Array;
  /** 1: the model of doubtful labels learns from it. */
  readonly suspect: Uint8Array;
  /** 1: phrases are named from it. */
  readonly shown: Uint8Array;
}

export function chooseRows(table: Ingested, grouping: Grouping): ChosenRows {
  const kept = Uint8Array.from(grouping.status, (status) => (status === ROW_KEPT ? 1 : 0));
  const isFirst = new Uint8Array(table.rows);
  const seen = new Uint8Array(table.rows);
  let groups = 0;
  for (let row = 0; row < table.rows; row++) {
    const root = grouping.root[row] as number;
    if (kept[row] === 0 || seen[root] === 1) continue;
    seen[root] = 1;
    isFirst[row] = 1;
    groups++;
  }
  const sample = (of: Uint8Array, size: number, total: number): Uint8Array =>
    of.map((is, row) =>
      is === 1 && hash32(row ^ 0x3c6ef372) < (size / Math.max(1, total)) * 4294967296 ? 1 : 0,
    );
  const total = kept.reduce((sum, is) => sum + is, 0);
  return {
    kept,
    model: sample(isFirst, MODEL_ROWS, groups),
    suspect: sample(kept, SUSPECT_ROWS, total),
    shown: sample(isFirst, SHOWN_ROWS, groups),
  };
}
