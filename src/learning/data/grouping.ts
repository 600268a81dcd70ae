// Groups rows that are copies or tell the same story, so that they enter one split, and finds contradictions. Two relations:
// - Copies: equal cleaned articles, equal normalised texts, or texts with similar signatures. Copies under more than one
//   label contradict each other and are set aside; if nearly all of many copies have one label, only the others are.
// - Versions: rows of one label that share a rare title and part of their text, or short articles with similar signatures.
//   They are one group, never a contradiction.
// A title alone is no evidence: many different letters are called "Re: complaint". A group is the transitive closure.
import type { Ingested } from './ingest.ts';
import { estimateSimilarity } from './min-hash.ts';
import { forEachRepeat, type KeyColumn } from './row-table.ts';
import { openScratchRecords, type ScratchRecords } from './scratch-file.ts';
import { createUnionFind, type UnionFind } from './union-find.ts';

/** A title of more rows than this names a regular column or a form ("Re: complaint"), not a story. */
const MAX_TITLE_ROWS = 20;
/**
 * Rows with one title are versions of one article from this similarity of their texts. In the collections that we know, texts
 * under one title have a similarity above 0.1 or below 0.02 (docs/lab-notes.md).
 */
const VERSION_SIMILARITY = 0.1;
/** Letters under one subject share phrases: a title of more rows than this needs a larger part of the text in common. */
const FEW_TITLE_ROWS = 5;
const VERSION_SIMILARITY_OF_MANY = 0.3;
/** At most this many comparisons for a row within a band bucket; a bucket of that many unlike texts is boilerplate. */
const MAX_COMPARISONS = 256;

/** Where so large a share of at least so many copies have one label, the others are mislabelled, not the text undecided. */
const MAJORITY_SHARE = 0.9;
const MIN_MAJORITY_ROWS = 10;

export const ROW_KEPT = 0;
export const ROW_DUPLICATE = 1;
export const ROW_CONFLICTING = 2;
export const ROW_ID_REPEATED = 3;

export interface Grouping {
  /** The status of each row: ROW_KEPT, … */
  readonly status: Uint8Array;
  /** For each row, the first row of its group; for a conflicting row, the first of the copies that contradict each other. */
  readonly root: Int32Array;
  /** How many pairs of signatures were compared; reported for information only. */
  readonly comparisons: number;
}

/** Marks copies and contradictions, and groups the other rows. */
export function groupRows(table: Ingested, threshold: number): Grouping {
  const status = markCopies(table);
  const sets = createUnionFind(table.rows);
  const versions = new PairList();
  const join = (row: number, first: number): void => {
    // A dropped first row still has the key, so it links the other rows that have it.
    sets.union(row, first);
  };
  forEachRepeat(table.content, join);
  forEachRepeat(table.text, join);
  let comparisons = 0;
  if (table.signed > 0) {
    const records = openScratchRecords(table.signaturesPath);
    try {
      comparisons += joinSimilar({ table, threshold, sets, status, versions, records });
      comparisons += findVersions({ table, sets, status, versions, records });
    } finally {
      records.close();
    }
  }

  markConflicts(table, sets, status);
  const root = new Int32Array(table.rows);
  for (let row = 0; row < table.rows; row++) root[row] = sets.find(row);
  // Only kept rows of one label are joined from here on, so that every group has one label.
  versions.forEach((row, other) => {
    if (status[row] === ROW_KEPT && status[other] === ROW_KEPT) sets.union(row, other);
  });
  for (let row = 0; row < table.rows; row++) if (status[row] === ROW_KEPT) root[row] = sets.find(row);
  return { status, root, comparisons };
}

/** Drops copies of kept rows, and rows with the id of a kept row; a dropped row takes neither from a later one. */
function markCopies(table: Ingested): Uint8Array {
  const status = new Uint8Array(table.rows);
  const firstOf = (keys: KeyColumn): Int32Array => {
    const firsts = Int32Array.from({ length: table.rows }, (_, row) => row);
    forEachRepeat(keys, (row, first) => {
      firsts[row] = first;
    });
    return firsts;
  };
  const [contents, ids] = [firstOf(table.content), firstOf(table.givenId)];
  const keptOf = new Int32Array(table.rows).fill(-1);
  const isTaken = new Uint8Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    const [content, id] = [contents[row] as number, ids[row] as number];
    const kept = keptOf[content] as number;
    if (kept !== -1 && table.label[kept] === table.label[row]) status[row] = ROW_DUPLICATE;
    else if (isTaken[id] === 1) status[row] = ROW_ID_REPEATED;
    else {
      if (kept === -1) keptOf[content] = row;
      isTaken[id] = 1;
    }
  }
  return status;
}

/**
 * Sets aside the rows of copies that contradict each other: all of them, or where nearly all of many have one label, only
 * those of the others.
 */
function markConflicts(table: Ingested, sets: UnionFind, status: Uint8Array): void {
  const firstLabel = new Int32Array(table.rows).fill(-1);
  const conflicting = new Uint8Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    if (status[row] !== ROW_KEPT) continue;
    const set = sets.find(row);
    const label = table.label[row] as number;
    if (firstLabel[set] === -1) firstLabel[set] = label;
    else if (firstLabel[set] !== label) conflicting[set] = 1;
  }
  const majority = findMajorities(table, sets, status, conflicting);
  for (let row = 0; row < table.rows; row++) {
    // Copies of a contradicting row are lost with it.
    const isHere = status[row] === ROW_KEPT || status[row] === ROW_DUPLICATE;
    const set = sets.find(row);
    if (isHere && conflicting[set] === 1 && majority.get(set) !== table.label[row])
      status[row] = ROW_CONFLICTING;
  }
  if (majority.size === 0) return;
  // Copies of a row that is now set aside are copies of each other.
  const kept = new Int32Array(table.rows).fill(-1);
  forEachRepeat(table.content, (row, first) => {
    if (kept[first] === -1 && status[first] === ROW_KEPT) kept[first] = first;
    if (status[row] !== ROW_KEPT || !majority.has(sets.find(row))) return;
    if (kept[first] === -1) kept[first] = row;
    else status[row] = ROW_DUPLICATE;
  });
}

/** The label of nearly all rows of each contradicting set that has one. */
function findMajorities(
  table: Ingested,
  sets: UnionFind,
  status: Uint8Array,
  conflicting: Uint8Array,
): Map<number, number> {
  const counts = new Map<number, Map<number, number>>();
  for (let row = 0; row < table.rows; row++) {
    const set = sets.find(row);
    if (conflicting[set] !== 1 || status[row] === ROW_ID_REPEATED) continue;
    const label = table.label[row] as number;
    const ofSet = counts.get(set) ?? new Map<number, number>();
    counts.set(set, ofSet.set(label, (ofSet.get(label) ?? 0) + 1));
  }
  const majority = new Map<number, number>();
  for (const [set, ofSet] of counts) {
    const [[label, rows] = [-1, 0]] = [...ofSet].sort(([, a], [, b]) => b - a);
    const total = [...ofSet.values()].reduce((sum, n) => sum + n, 0);
    if (total >= MIN_MAJORITY_ROWS && rows >= MAJORITY_SHARE * total) majority.set(set, label);
  }
  return majority;
}

interface Work {
  readonly table: Ingested;
  readonly sets: UnionFind;
  readonly status: Uint8Array;
  /** Receives pairs of rows of one label that are versions of one article. */
  readonly versions: PairList;
  readonly records: ScratchRecords;
}

/**
 * Compares rows that share a band. Texts with at least a share `threshold` of equal entries in their signatures are copies;
 * articles whose text is too short to be evidence are only versions.
 */
function joinSimilar({
  table,
  threshold,
  sets,
  status,
  versions,
  records,
}: Work & { readonly threshold: number }): number {
  const rowOf = new Int32Array(table.signed);
  for (let row = 0; row < table.rows; row++) {
    const signature = table.signature[row] as number;
    if (signature !== -1) rowOf[signature] = row;
  }
  let size = 16;
  while (size < rowOf.length * 2) size *= 2;
  const heads = new Int32Array(size);
  const next = new Int32Array(rowOf.length);
  const mine = new Int32Array(table.permutations);
  const theirs = new Int32Array(mine.length);
  let comparisons = 0;
  for (const hashes of table.bandHashes) {
    heads.fill(-1);
    for (let signature = 0; signature < rowOf.length; signature++) {
      const row = rowOf[signature] as number;
      if (status[row] !== ROW_KEPT) continue;
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
          if (table.short[row] === 1 || table.short[otherRow] === 1) {
            if (table.label[row] === table.label[otherRow]) versions.add(row, otherRow);
            if (table.short[row] === 0 || table.label[row] !== table.label[otherRow]) continue;
          } else sets.union(row, otherRow);
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
  return comparisons;
}

/** Finds the rows of one label and one rare title whose texts have a part in common. */
function findVersions({ table, sets, status, versions, records }: Work): number {
  // The rows of a title as a list: `last` of its first row, then `previous` of each row.
  const last = new Int32Array(table.rows).fill(-1);
  const previous = new Int32Array(table.rows).fill(-1);
  const uses = new Uint32Array(table.rows);
  forEachRepeat(table.title, (row, first) => {
    previous[row] = last[first] === -1 ? first : (last[first] as number);
    last[first] = row;
    uses[first] = (uses[first] as number) + 1;
  });
  const mine = new Int32Array(table.permutations);
  const theirs = new Int32Array(mine.length);
  const isText = (row: number): boolean =>
    status[row] === ROW_KEPT && table.signature[row] !== -1 && table.short[row] === 0;
  let comparisons = 0;
  for (let first = 0; first < table.rows; first++) {
    if (last[first] === -1 || (uses[first] as number) >= MAX_TITLE_ROWS) continue;
    const isFew = (uses[first] as number) < FEW_TITLE_ROWS;
    const similarity = isFew ? VERSION_SIMILARITY : VERSION_SIMILARITY_OF_MANY;
    for (let row = last[first] as number; row !== -1; row = previous[row] as number) {
      if (!isText(row)) continue;
      let loaded = false;
      for (let other = previous[row] as number; other !== -1; other = previous[other] as number) {
        if (!isText(other) || table.label[row] !== table.label[other]) continue;
        if (sets.find(row) === sets.find(other)) continue;
        if (!loaded) records.read(table.signature[row] as number, mine);
        loaded = true;
        records.read(table.signature[other] as number, theirs);
        comparisons++;
        if (estimateSimilarity(mine, theirs) >= similarity) versions.add(row, other);
      }
    }
  }
  return comparisons;
}

/** A growing list of pairs of rows. */
class PairList {
  readonly #rows: number[] = [];

  add(row: number, other: number): void {
    this.#rows.push(row, other);
  }

  forEach(visit: (row: number, other: number) => void): void {
    for (let i = 0; i < this.#rows.length; i += 2)
      visit(this.#rows[i] as number, this.#rows[i + 1] as number);
  }
}
