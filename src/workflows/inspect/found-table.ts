// A table of articles that was found, by what a person named.
import type { TableFile } from '../../learning/inspect/index.ts';

/** A table that is found, but not yet opened: how raw rows are read depends on what they are compared with. */
export type FoundTable =
  | { readonly kind: 'version'; readonly id: string }
  | {
      readonly kind: 'files';
      readonly name: string;
      readonly files: readonly TableFile[];
      readonly dispose?: () => void;
    };

/** Names of files with articles; others in a folder are left out. */
const DATA_FILE = /\.(?:csv|tsv|tab|psv|jsonl|ndjson|json|parquet)(?:\.gz)?$|\.zip$/i;

export function isDataFile(name: string): boolean {
  return DATA_FILE.test(name);
}
