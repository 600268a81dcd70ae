// Groups rows that are copies or tell the same story: equal content, equal normalised title, equal normalised text, or
// texts with similar signatures. A group is the transitive closure of these relations.
import type { Ingested } from './ingest.ts';
import { estimateSimilarity } from './min-hash.ts';
import { forEachRepeat, type KeyColumn } from './row-table.ts';
import { openScratchRecords } from './scratch-file.ts';
import { createUnionFind, type UnionFind } from './union-find.ts';

/** A title of more rows than this names a regular column ("Letters to the editor today"), not a story. */
const MAX_TITLE_ROWS = 50;
/** At most this many comparisons for a row within a band bucket; a bucket of that many unlike texts is boilerplate. */
const MAX_COMPARISONS = 256;

export const ROW_KEPT = 0;
export const ROW_DUPLICATE = 1;
export const ROW_CONFLICTING = 2;
export const ROW_ID_REPEATED = 3;

export interface Grouping {
  /** The status of each row: ROW_KEPT, … */
  readonly status: Uint8Array;
  /** For each row, the root of its group, which is the first row of the group. */
  readonly root: Int32Array;
  /** How many pairs of signatures were compared; reported for information only. */
  readonly comparisons: number;
}

/** Marks copies and conflicts, and groups the other rows. */
export function groupRows(table: Ingested, threshold: number): Grouping {
  const status = new Uint8Array(table.rows);
  forEachRepeat(table.content, (row, first) => {
    if (table.label[row] === table.label[first]) status[row] = ROW_DUPLICATE;
  });
  forEachRepeat(table.givenId, (row) => {
    if (status[row] === ROW_KEPT) status[row] = ROW_ID_REPEATED;
  });
  const active = (row: number): boolean => status[row] === ROW_KEPT;

  const sets = createUnionFind(table.rows);
  const join = (row: number, first: number): void => {
    // A dropped first row still has the key, so it links the other rows that have it.
    sets.union(row, first);
  };
  forEachRepeat(table.content, join);
  forEachRepeat(withoutGenericTitles(table.title), join);
  forEachRepeat(table.text, join);
  const comparisons = joinSimilar(table, threshold, sets, active);

  const root = new Int32Array(table.rows);
  const firstLabel = new Int32Array(table.rows).fill(-1);
  const conflicting = new Uint8Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    root[row] = sets.find(row);
    if (!active(row)) continue;
    const group = root[row] as number;
    const label = table.label[row] as number;
    if (firstLabel[group] === -1) firstLabel[group] = label;
    else if (firstLabel[group] !== label) conflicting[group] = 1;
  }
  for (let row = 0; row < table.rows; row++) {
    if (active(row) && conflicting[root[row] as number] === 1) status[row] = ROW_CONFLICTING;
  }
  return { status, root, comparisons };
}

/** Keeps only the keys that at most MAX_TITLE_ROWS rows share. */
function withoutGenericTitles(keys: KeyColumn): KeyColumn {
  const uses = new Uint32Array(keys.high.length);
  const firstOf = new Int32Array(keys.high.length).fill(-1);
  forEachRepeat(keys, (row, first) => {
    uses[first] = (uses[first] as number) + 1;
    firstOf[row] = first;
  });
  const isGeneric = (row: number): boolean => {
    const first = firstOf[row] as number;
    return (uses[first === -1 ? row : first] as number) >= MAX_TITLE_ROWS;
  };
  return {
    high: keys.high.map((value, row) => (isGeneric(row) ? 0 : value)),
    low: keys.low.map((value, row) => (isGeneric(row) ? 0 : value)),
  };
}

/** Joins rows that share a band if at least a share `threshold` of the entries of their signatures are equal. */
function joinSimilar(
  table: Ingested,
  threshold: number,
  sets: UnionFind,
  active: (row: number) => boolean,
): number {
  const rowOf = new Int32Array(table.bandHashes[0]?.length ?? 0);
  for (let row = 0; row < table.rows; row++) {
    const signature = table.signature[row] as number;
    if (signature !== -1) rowOf[signature] = row;
  }
  if (rowOf.length === 0) return 0;
  let size = 16;
  while (size < rowOf.length * 2) size *= 2;
  const heads = new Int32Array(size);
  const next = new Int32Array(rowOf.length);
  const mine = new Int32Array(table.permutations);
  const theirs = new Int32Array(mine.length);
  const records = openScratchRecords(table.signaturesPath);
  let comparisons = 0;
  try {
    for (const hashes of table.bandHashes) {
      heads.fill(-1);
      for (let signature = 0; signature < rowOf.length; signature++) {
        const row = rowOf[signature] as number;
        if (!active(row)) continue;
        const hash = hashes[signature] as number;
        const slot = hash & (size - 1);
        let loaded = false;
        let represented = false;
        let compared = 0;
        for (
          let other = heads[slot] as number;
          other !== -1 && compared < MAX_COMPARISONS;
          other = next[other] as number
        ) {
          if (hashes[other] !== hash) continue;
          const otherRow = rowOf[other] as number;
          if (sets.find(row) !== sets.find(otherRow)) {
            if (!loaded) records.read(signature, mine);
            loaded = true;
            records.read(other, theirs);
            compared++;
            if (estimateSimilarity(mine, theirs) < threshold) continue;
            sets.union(row, otherRow);
          }
          represented = true; // a row of its group is already in this bucket; keeps buckets of copies short
          break;
        }
        comparisons += compared;
        if (represented) continue;
        next[signature] = heads[slot] as number;
        heads[slot] = signature;
      }
    }
  } finally {
    records.close();
  }
  return comparisons;
}
