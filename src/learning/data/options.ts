// What the room is told: the `data` part of the configuration fits DataOptions as it stands. Keys are spelt as people
// type them. (data may not import config; the shapes are held together by the compiler in commands.)
import type { Clock, ProgressFactory } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';

/** Column names by role; null where the file has none. */
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
  /** Estimated Jaccard similarity from which two articles are one group; 1 switches the estimate off. */
  readonly threshold: number;
  readonly shingle_words: number;
  readonly permutations: number;
}

export interface DataOptions {
  readonly name: string;
  readonly kind: 'sample' | 'isot' | 'csv' | 'jsonl';
  readonly path: string | null;
  readonly columns: ColumnMap;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly classes: readonly string[] | null;
  readonly strip: boolean;
  /** Share of the rows read. */
  readonly max_rejects: number;
  readonly near_duplicates: NearDuplicateOptions;
  readonly split: { readonly validation: number; readonly test: number };
}

/** What every longer task of the room is given to work and to talk with. */
export interface DataContext {
  readonly home: Home;
  readonly progress: ProgressFactory;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}
