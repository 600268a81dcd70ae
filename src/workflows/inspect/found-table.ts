// A table of articles that was found, by what a person named.
import { isDataName } from '../../learning/data/index.ts';
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

/** Whether a file of a folder is taken for articles by its name; others are left out. */
export function isDataFile(name: string): boolean {
  return isDataName(name) || /\.zip$/i.test(name);
}
