// What an audit finds, as JSON.
import type { ColumnFinding } from './columns.ts';
import type { Mark } from './information.ts';
import type { Term } from './term-counts.ts';

/** [minimum, 5%, median, 95%, maximum] */
export type Quantiles = readonly [number, number, number, number, number];

export interface GiveAway {
  readonly name: string;
  readonly summary: string;
  readonly raw: Mark;
  /** After cleaning; null for what only a raw article can have. */
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
  /** Whether give-aways were removed for the figures called cleaned. */
  readonly strip: boolean;
  readonly rows: {
    readonly read: number;
    readonly usable: number;
    readonly empty: number;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly classes: readonly AuditedClass[];
  /** Accuracy of always answering the largest class: what every figure below is to be held against. */
  readonly majorityAccuracy: number;
  /** Marks of publishing, most telling first. */
  readonly giveAways: readonly GiveAway[];
  readonly columns: readonly ColumnFinding[];
  /** Words and pairs of words, most telling first. */
  readonly terms: { readonly raw: readonly Term[]; readonly cleaned: readonly Term[] };
  readonly copies: {
    /** Rows whose normalised title an earlier row has, by class. */
    readonly repeatedTitles: readonly number[];
    /** Rows under a title that an earlier row has with another label. */
    readonly contradictingTitles: number;
    /** Rows whose normalised text an earlier row has, by class. */
    readonly repeatedTexts: readonly number[];
  };
}
