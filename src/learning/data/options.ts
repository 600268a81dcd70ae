// The options and the context that other rooms pass in. The `data` group of the configuration has the type DataOptions,
// so its keys are spelt as people type them. (This room does not import foundation/config; the compiler compares both
// types where a workflow passes the configuration on.)
import type { Clock, ProgressFactory, Warn } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import type { BlobStore } from '../../keeping/blobs/index.ts';
import type { DatasetStore } from '../../keeping/datasets/index.ts';
import type { LeakLimits } from './audit/leak-limits.ts';

/** The column name of each role; null if the file has no such column. */
export interface ColumnMap {
  readonly title: string | null;
  readonly text: string | null;
  readonly label: string | null;
  readonly source: string | null;
  readonly date: string | null;
  readonly id: string | null;
}

export type ColumnRole = keyof ColumnMap;

export interface NearDuplicateOptions {
  /** Articles with at least this estimated Jaccard similarity are one group; 1 switches the estimate off. */
  readonly threshold: number;
  readonly shingle_words: number;
  readonly permutations: number;
}

export interface DataOptions {
  readonly name: string;
  readonly kind: 'sample' | 'isot' | 'csv' | 'jsonl' | 'file';
  readonly path: string | null;
  /** The configuration of a dataset folder's card; null or absent: the default one. */
  readonly subset?: string | null;
  readonly columns: ColumnMap;
  /** How the files' bytes become rows; null or absent: found from the file. */
  readonly encoding?: string | null;
  readonly separator?: string | null;
  readonly quotes?: boolean | null;
  /** null as a class: rows with this label are left out. */
  readonly labels: Readonly<Record<string, string | null>> | null;
  readonly classes: readonly string[] | null;
  /** What the texts are called; it changes no dataset version. */
  readonly noun?: string;
  /** Language of the texts; it changes no dataset version. */
  readonly language?: string | null;
  readonly strip: boolean;
  /** The largest share of rows that may be set aside for one reason. */
  readonly max_set_aside: number;
  /** The largest share of rows that may be unusable, all reasons together; null: max_set_aside applies to each reason. */
  readonly max_rejects: number | null;
  /** Above these limits a give-away of the label stops preparing; absent: the usual limits. They change no dataset version. */
  readonly leak_limits?: LeakLimits;
  /** Why leaks are accepted; null or absent: they are not. */
  readonly accept_leaks?: string | null;
  readonly near_duplicates: NearDuplicateOptions;
  readonly split: {
    readonly validation: number;
    readonly test: number;
    readonly seed: number;
    /** Whether the splits of a dataset folder are kept. */
    readonly given?: boolean;
  };
}

/** What the longer tasks of this room need: where to write, how to report, when to stop. */
export interface DataContext {
  /** Its cache holds scratch files and notes of what was prepared. */
  readonly home: Home;
  readonly stores: { readonly blobs: BlobStore; readonly datasets: DatasetStore };
  readonly progress: ProgressFactory;
  readonly say: (line: string) => void;
  /** Default: `say`. */
  readonly warn?: Warn;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}
