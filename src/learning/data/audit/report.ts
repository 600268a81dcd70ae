// The types of an audit's findings. JSON holds them as they are, except that rejected rows are counted there by sentence.
import type { DatasetWarning, FileNote } from '../../../foundation/records/index.ts';
import type { RejectCount } from '../reject-reason.ts';
import type { ColumnFinding } from './columns.ts';
import type { Mark } from './information.ts';
import type { Term } from './term-counts.ts';

/** [minimum, 5%, median, 95%, maximum] */
export type Quantiles = readonly [number, number, number, number, number];

export interface GiveAway {
  readonly name: string;
  readonly summary: string;
  readonly raw: Mark;
  /** After cleaning; null for marks that only a raw article can have. */
  readonly cleaned: Mark | null;
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
  readonly titleWords: Quantiles;
  readonly textWords: Quantiles;
}

export interface AuditReport {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly synthetic: boolean;
  readonly files: readonly AuditedFile[];
  /** Whether the figures called `cleaned` were measured with give-aways removed. */
  readonly strip: boolean;
  readonly rows: {
    readonly read: number;
    readonly usable: number;
    readonly empty: number;
    readonly rejected: readonly RejectCount[];
  };
  readonly classes: readonly AuditedClass[];
  /** Accuracy of always guessing the largest class: the baseline for every figure below. */
  readonly majorityAccuracy: number;
  /** Marks of publishing, the most informative first. */
  readonly giveAways: readonly GiveAway[];
  readonly columns: readonly ColumnFinding[];
  /** Words and pairs of words, the most informative first. */
  readonly terms: { readonly raw: readonly Term[]; readonly cleaned: readonly Term[] };
  readonly copies: {
    /** Number of rows of each class whose normalised title an earlier row has. */
    readonly repeatedTitles: readonly number[];
    /** Number of rows whose title an earlier row has with another label. */
    readonly contradictingTitles: number;
    /** Number of rows of each class whose normalised text an earlier row has. */
    readonly repeatedTexts: readonly number[];
  };
  /** What the reader noticed about the files. */
  readonly notes: readonly FileNote[];
  /** Labels that look like one class, or like none; null: there are none. */
  readonly labels: Extract<DatasetWarning, { code: 'LABELS_ALIKE' }> | null;
}
