// What a search for a source cannot see: rows of dataset versions that record no source, and other spellings of its name.
import type { DatasetManifest } from '../../foundation/records/index.ts';
import { openRowIndex, RowSearch } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface SourceGaps {
  /** Dataset versions with rows of an unknown source, newest first. */
  readonly withoutSource: readonly {
    readonly id: string;
    readonly name: string;
    readonly rows: number;
    readonly ofRows: number;
  }[];
  /** Sources that differ from the given one only in case, spaces, `www.` or the form of their letters. */
  readonly otherSpellings: readonly string[];
}

/** @throws what reading a split throws */
export async function findSourceGaps(
  source: string,
  manifests: readonly DatasetManifest[],
  context: WorkflowContext,
): Promise<SourceGaps> {
  const withoutSource: SourceGaps['withoutSource'][number][] = [];
  const spellings = new Set<string>();
  for (const manifest of manifests) {
    context.signal.throwIfAborted();
    const search = new RowSearch(manifest, await openRowIndex(manifest, context), context.stores.blobs);
    const { firstRows, without } = search.listSources();
    const { id, name, rows } = manifest;
    if (without > 0) withoutSource.push({ id, name, rows: without, ofRows: rows.kept });
    for await (const row of search.read(firstRows)) if (row.source !== null) spellings.add(row.source);
  }
  const wanted = simplify(source);
  const otherSpellings = [...spellings].filter((one) => one !== source && simplify(one) === wanted).sort();
  return { withoutSource, otherSpellings };
}

function simplify(source: string): string {
  const plain = source.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
  return plain.replace(/^(?:https?:\/\/)?(?:www\.)?/, '').replace(/\/+$/, '');
}
