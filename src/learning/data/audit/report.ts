// The types of an audit's findings.
import type { DatasetWarning, FileNote, FileReading } from '../../../foundation/records/index.ts';
import type { ColumnFinding } from './columns.ts';
import type { CopyCounts } from './copies.ts';
import type { LeakLimits } from './leak-limits.ts';
import type { Mark, Measure } from './measure.ts';
import type { StripEffect } from './strip-effect.ts';
import type { Term } from './term-counts.ts';
import type { TimeOrder } from './time-order.ts';

/** [minimum, 5%, median, 95%, maximum] */
export type Quantiles = readonly [number, number, number, number, number];

/** mark: a sign or a habit of typing; phrase: words at a fixed place; part: a part of the article alone; word: one n-gram. */
export type GiveAwayKind = 'mark' | 'phrase' | 'part' | 'word' | 'column' | 'language';

/**
 * stops: the model would read it, and it is above its limit. case: as stops, but only for models that tell capital letters from
 * small ones. unread: above the limit in a column that no model reads. found: below the limit, but clearly there. removed: there
 * in the raw files only. slight: less than that.
 */
export type GiveAwayStatus = 'stops' | 'case' | 'unread' | 'found' | 'removed' | 'slight';

export interface GiveAway {
  readonly name: string;
  readonly kind: GiveAwayKind;
  readonly summary: string;
  readonly status: GiveAwayStatus;
  /** In the raw files; null: not measured there. Marks also have `share` and `rows`. */
  readonly raw: Measure | Mark | null;
  /** After cleaning, as a model reads it; null for what only a raw article can have. */
  readonly cleaned: Measure | Mark | null;
  /** The class that is given away. */
  readonly className: string;
  /** The limit that the status was compared with, by its setting. */
  readonly limit: { readonly setting: string; readonly value: number } | null;
  /** At most twelve words of an article, or the value of a column; null: none. */
  readonly example: string | null;
  /** What to do; null where nothing needs to be done. */
  readonly advice: string | null;
}

export interface AuditedFile {
  readonly name: string;
  readonly md5: string;
  readonly sizeBytes: number;
  readonly edition: string | null;
}

export interface AuditedClass {
  readonly name: string;
  readonly rows: number;
  readonly share: number;
  readonly empty: number;
  readonly titleWords: Quantiles;
  readonly textWords: Quantiles;
}

/** How many articles of each class a month, a source or a language has. */
export interface BalanceRow {
  readonly name: string;
  readonly rows: readonly number[];
}

export interface SuspectRow {
  /** The id of the article in the dataset version. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly label: string;
  readonly suggested: string;
  readonly probability: number;
  readonly suggestedProbability: number;
}

export interface AuditReport {
  readonly schemaVersion: 2;
  readonly name: string;
  readonly synthetic: boolean;
  readonly files: readonly AuditedFile[];
  /** Whether the figures called `cleaned` were measured with give-aways removed. */
  readonly strip: boolean;
  readonly rows: {
    readonly read: number;
    readonly usable: number;
    readonly empty: number;
    readonly rejected: readonly { readonly reason: string; readonly words: string; readonly rows: number }[];
  };
  readonly classes: readonly AuditedClass[];
  /** Accuracy of always guessing the largest class: the baseline for every figure below. */
  readonly majorityAccuracy: number;
  readonly limits: LeakLimits;
  /** What gives the label away, what stops a training first, then by how well it tells the classes. */
  readonly giveAways: readonly GiveAway[];
  readonly columns: readonly ColumnFinding[];
  /** Words and pairs of words, the most informative first. */
  readonly terms: { readonly raw: readonly Term[]; readonly cleaned: readonly Term[] };
  /** How well a quick model of all words tells the classes, on articles that it did not learn from. */
  readonly quickModel: Measure;
  readonly copies: CopyCounts;
  readonly months: readonly BalanceRow[];
  readonly sources: readonly BalanceRow[];
  /** Of some articles; und: the language was not found. */
  readonly languages: readonly BalanceRow[];
  /** Articles with characters of a wrong encoding. */
  readonly wrongEncoding: readonly number[];
  /** How each file was read: encoding, packing. */
  readonly readings: readonly FileReading[];
  /** What the reader noticed about the files. */
  readonly notes: readonly FileNote[];
  /** Labels that look like one class, or like none; null: there are none. */
  readonly labels: Extract<DatasetWarning, { code: 'LABELS_ALIKE' }> | null;
  /** What takes longer; null where only the limits were checked. */
  readonly whole: {
    readonly strip: StripEffect;
    readonly time: TimeOrder | null;
    /** rows is null where the quick model tells the classes too badly to doubt a label. */
    readonly suspects: { readonly measured: number; readonly rows: readonly SuspectRow[] | null };
  } | null;
}
