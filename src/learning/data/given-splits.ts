// Keeps the splits that a dataset folder gives (data.split.given). A row whose copy or near-copy stands in a later split of train,
// validation, test is not used: measured articles must be unseen, and the test split stays as it was published. A split that the
// folder lacks is taken from its training rows.
import { type DatasetWarning, splitNames } from '../../foundation/records/index.ts';
import { type Grouping, ROW_DUPLICATE, ROW_KEPT } from './grouping.ts';
import type { Ingested } from './ingest.ts';
import { type Group, type SplitShares, splitGroups } from './split.ts';

/** The given split of a row as an index into splitNames; a file without one is training data. */
export function givenSplit(table: Ingested, row: number): number {
  const split = table.fileSplits[table.file[row] as number] ?? 'train';
  return splitNames.indexOf(split);
}

/**
 * Marks the rows whose group reaches into a later split as copies.
 * @returns a warning that counts them; null if there are none
 */
export function dropOverlaps(table: Ingested, grouping: Grouping): DatasetWarning | null {
  const { status, root } = grouping;
  const last = new Map<number, number>();
  for (let row = 0; row < table.rows; row++)
    if (status[row] === ROW_KEPT)
      last.set(root[row] as number, Math.max(last.get(root[row] as number) ?? 0, givenSplit(table, row)));
  let rows = 0;
  for (let row = 0; row < table.rows; row++) {
    if (status[row] !== ROW_KEPT || givenSplit(table, row) === last.get(root[row] as number)) continue;
    status[row] = ROW_DUPLICATE;
    rows++;
  }
  return rows === 0 ? null : { code: 'SPLITS_OVERLAP', rows };
}

/** The split of each group, an index into splitNames; `dropOverlaps` has left the rows of one split in each. */
export function keepGivenSplits(
  table: Ingested,
  groupOf: Int32Array,
  groups: readonly Group[],
  { validation, test, seed }: SplitShares & { readonly seed: number },
): Uint8Array {
  const splitOf = new Uint8Array(groups.length);
  for (let row = 0; row < table.rows; row++) {
    const group = groupOf[row] as number;
    if (group !== -1) splitOf[group] = givenSplit(table, row);
  }
  const isGiven = (name: (typeof splitNames)[number]): boolean => table.fileSplits.includes(name);
  const shares = { validation: isGiven('validation') ? 0 : validation, test: isGiven('test') ? 0 : test };
  if (shares.validation + shares.test === 0) return splitOf;
  const training = groups.flatMap((group, i) => (splitOf[i] === 0 ? [{ ...group, index: i }] : []));
  const taken = splitGroups(training, shares, seed);
  for (const [i, { index }] of training.entries()) splitOf[index] = taken[i] as number;
  return splitOf;
}
