// Counts copies and near copies within the data and, after splitting, between the splits. The count between splits looks at
// the finished splits anew, so that it would notice a mistake of the grouping.
import type { Grouping } from '../grouping.ts';
import { ROW_CONFLICTING, ROW_DUPLICATE, ROW_KEPT } from '../grouping.ts';
import type { Ingested } from '../ingest.ts';
import { estimateSimilarity } from '../min-hash.ts';
import { forEachRepeat, type KeyColumn } from '../row-table.ts';
import { openScratchRecords } from '../scratch-file.ts';

export interface CopyCounts {
  /** Number of rows of each class whose normalised title an earlier row has. */
  readonly repeatedTitles: readonly number[];
  /** Number of rows whose title an earlier row has with another label. */
  readonly contradictingTitles: number;
  /** Number of rows of each class whose normalised text an earlier row has. */
  readonly repeatedTexts: readonly number[];
  /** Rows that are left out because an earlier one has the same title and text. */
  readonly duplicates: number;
  /** Kept rows of each class that have a near duplicate or another version; they lie in one split. */
  readonly nearDuplicates: readonly number[];
  /** Rows set aside because the same or nearly the same text has another label. */
  readonly contradicting: number;
  /** Kept rows outside of the training split that have a copy or near copy in it. */
  readonly acrossSplits: number;
  /** The same for a split by row, as scikit-learn makes it. */
  readonly acrossRowSplits: number;
}

/** How many rows of a bucket a row is compared with. */
const MAX_COMPARISONS = 32;

export interface CopyInput {
  readonly table: Ingested;
  readonly grouping: Grouping;
  readonly threshold: number;
  /** Class of each row. */
  readonly classOf: Uint16Array;
  readonly classes: number;
  /** The split of each kept row; 0 is training. */
  readonly splitOf: Uint8Array;
  /** The same for a split by row. */
  readonly rowSplitOf: Uint8Array;
}

export function countCopies(input: CopyInput): CopyCounts {
  const { table, grouping, classOf, classes } = input;
  const zeros = (): number[] => Array.from({ length: classes }, () => 0);
  const [repeatedTitles, repeatedTexts, nearDuplicates] = [zeros(), zeros(), zeros()];
  let contradictingTitles = 0;
  const bump = (counts: number[], row: number): void => {
    const label = classOf[row] as number;
    counts[label] = (counts[label] as number) + 1;
  };
  forEachRepeat(table.title, (row, first) => {
    bump(repeatedTitles, row);
    if (classOf[row] !== classOf[first]) contradictingTitles++;
  });
  forEachRepeat(table.text, (row) => bump(repeatedTexts, row));
  const groupSize = new Int32Array(table.rows);
  const isKept = (row: number): boolean => grouping.status[row] === ROW_KEPT;
  for (let row = 0; row < table.rows; row++) {
    const root = grouping.root[row] as number;
    if (isKept(row)) groupSize[root] = (groupSize[root] as number) + 1;
  }
  for (let row = 0; row < table.rows; row++)
    if (isKept(row) && (groupSize[grouping.root[row] as number] as number) > 1) bump(nearDuplicates, row);
  const ofStatus = (status: number): number =>
    grouping.status.reduce((sum, value) => sum + (value === status ? 1 : 0), 0);
  return {
    repeatedTitles,
    contradictingTitles,
    repeatedTexts,
    duplicates: ofStatus(ROW_DUPLICATE),
    nearDuplicates,
    contradicting: ofStatus(ROW_CONFLICTING),
    acrossSplits: countAcross(input, input.splitOf),
    acrossRowSplits: countAcross(input, input.rowSplitOf),
  };
}

/** Rows outside of training that have a copy in training: the same text, or a similar signature. */
function countAcross({ table, grouping, threshold }: CopyInput, splitOf: Uint8Array): number {
  const isFound = new Uint8Array(table.rows);
  const isKept = (row: number): boolean => grouping.status[row] === ROW_KEPT;
  const note = (a: number, b: number): void => {
    if (splitOf[a] !== 0 && splitOf[b] === 0) isFound[a] = 1;
    if (splitOf[b] !== 0 && splitOf[a] === 0) isFound[b] = 1;
  };
  noteEqual(table.text, isKept, note);
  if (table.signed > 0) {
    const rowOf = new Int32Array(table.signed);
    for (let row = 0; row < table.rows; row++) {
      const signature = table.signature[row] as number;
      if (signature !== -1) rowOf[signature] = row;
    }
    const records = openScratchRecords(table.signaturesPath);
    try {
      const [mine, theirs] = [new Int32Array(table.permutations), new Int32Array(table.permutations)];
      for (const hashes of table.bandHashes)
        forEachBucketPair(hashes, (a, b) => {
          const [row, other] = [rowOf[a] as number, rowOf[b] as number];
          if (splitOf[row] === splitOf[other] || !isKept(row) || !isKept(other)) return;
          if (isFound[row] === 1 || isFound[other] === 1) return;
          if (table.short[row] === 1 || table.short[other] === 1) return;
          records.read(a, mine);
          records.read(b, theirs);
          if (estimateSimilarity(mine, theirs) >= threshold) note(row, other);
        });
    } finally {
      records.close();
    }
  }
  return isFound.reduce((sum, found) => sum + found, 0);
}

/** Pairs of kept rows with one key: each with the last before it. */
function noteEqual(
  keys: KeyColumn,
  isKept: (row: number) => boolean,
  note: (a: number, b: number) => void,
): void {
  const byFirst = new Map<number, number[]>();
  forEachRepeat(keys, (row, first) => {
    const rows = byFirst.get(first) ?? [first];
    rows.push(row);
    byFirst.set(first, rows);
  });
  for (const all of byFirst.values()) {
    const rows = all.filter(isKept);
    for (const [i, row] of rows.entries())
      for (const other of rows.slice(Math.max(0, i - MAX_COMPARISONS), i)) note(row, other);
  }
}

/** Pairs of equal hashes, each with at most the last few before it. */
function forEachBucketPair(hashes: Int32Array, visit: (a: number, b: number) => void): void {
  let size = 16;
  while (size < hashes.length * 2) size *= 2;
  const heads = new Int32Array(size).fill(-1);
  const next = new Int32Array(hashes.length);
  for (let at = 0; at < hashes.length; at++) {
    const slot = (hashes[at] as number) & (size - 1);
    let compared = 0;
    for (
      let other = heads[slot] as number;
      other !== -1 && compared < MAX_COMPARISONS;
      other = next[other] as number
    ) {
      if (hashes[other] !== hashes[at]) continue;
      visit(at, other);
      compared++;
    }
    next[at] = heads[slot] as number;
    heads[slot] = at;
  }
}
