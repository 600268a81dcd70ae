// Finds the rows of a dataset version that hold an article: by id, by source, by content, and those that are nearly the same.
import { closeSync, openSync, readSync } from 'node:fs';
import {
  type ArticleText,
  articleRecord,
  type DatasetArticle,
  type DatasetManifest,
  parseRecord,
  type SplitName,
  splitNames,
} from '../../foundation/records/index.ts';
import type { BlobStore } from '../../keeping/blobs/index.ts';
import { cleanArticle } from '../../text/clean/index.ts';
import { estimateSimilarity } from './min-hash.ts';
import {
  ArticleSigner,
  hashSource,
  hashText,
  type IndexedSplit,
  type RowIndex,
  readComparison,
} from './row-index.ts';

/** `same`: the content after cleaning is equal. `near`: a near duplicate. */
export type Likeness = 'same' | 'near';

export interface FoundRow {
  /** Index into `splitNames`. */
  readonly split: number;
  /** From 0, in the order of the split's lines. */
  readonly row: number;
  readonly likeness: Likeness;
}

/** A set of contents by their 64-bit hashes. */
export class ContentSet {
  readonly #keys = new Map<number, Set<number>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(high: number, low: number): void {
    const lows = this.#keys.get(high) ?? new Set();
    this.#keys.set(high, lows);
    if (!lows.has(low)) this.#size++;
    lows.add(low);
  }

  has(high: number, low: number): boolean {
    return this.#keys.get(high)?.has(low) === true;
  }
}

/** One dataset version that is searched. */
export class RowSearch {
  readonly manifest: DatasetManifest;
  readonly #index: RowIndex;
  readonly #blobs: BlobStore;

  constructor(manifest: DatasetManifest, index: RowIndex, blobs: BlobStore) {
    this.manifest = manifest;
    this.#index = index;
    this.#blobs = blobs;
  }

  findId(id: string): Omit<FoundRow, 'likeness'>[] {
    const [high, low] = hashText(id);
    return this.#filter((split, row) => split.id[row] === high && split.idLow[row] === low);
  }

  findSource(source: string): Omit<FoundRow, 'likeness'>[] {
    const [high, low] = hashSource(source);
    return this.#filter((split, row) => split.source[row] === high && split.sourceLow[row] === low);
  }

  /** The first row of each source, and how many rows have none. */
  listSources(): { readonly firstRows: readonly Omit<FoundRow, 'likeness'>[]; readonly without: number } {
    const [noHigh, noLow] = hashSource(null);
    const seen = new ContentSet();
    let without = 0;
    const firstRows = this.#filter(({ source, sourceLow }, row) => {
      const [high, low] = [source[row]!, sourceLow[row]!];
      const isNone = high === noHigh && low === noLow;
      if (isNone) without++;
      const isFirst = !isNone && !seen.has(high, low);
      if (isFirst) seen.add(high, low);
      return isFirst;
    });
    return { firstRows, without };
  }

  /** Adds the contents of rows to a set. */
  collectContents(rows: readonly Omit<FoundRow, 'likeness'>[], into: ContentSet): void {
    for (const { split, row } of rows) {
      const { content, contentLow } = this.#index[split]!;
      into.add(content[row]!, contentLow[row]!);
    }
  }

  /** Adds the content that an article has after the cleaning of this version. */
  addContent(article: ArticleText, into: ContentSet): void {
    const { title, text } = this.#clean(article);
    into.add(...hashText(title, text));
  }

  /**
   * Finds the rows with one of these contents, and their near duplicates: those of their group, and those that are similar to
   * one of `articles`.
   */
  async find(contents: ContentSet, articles: readonly ArticleText[]): Promise<FoundRow[]> {
    const same = this.#filter((split, row) => contents.has(split.content[row]!, split.contentLow[row]!));
    const groups = new ContentSet();
    for (const { split, row } of same) {
      const { group, groupLow } = this.#index[split]!;
      groups.add(group[row]!, groupLow[row]!);
    }
    const key = ({ split, row }: Omit<FoundRow, 'likeness'>): string => `${split}:${row}`;
    const found = new Map<string, FoundRow>(same.map((one) => [key(one), { ...one, likeness: 'same' }]));
    const near = [
      ...(groups.size === 0
        ? []
        : this.#filter((split, row) => groups.has(split.group[row]!, split.groupLow[row]!))),
      ...(await this.#findSimilar(articles)),
    ];
    for (const one of near) if (!found.has(key(one))) found.set(key(one), { ...one, likeness: 'near' });
    return [...found.values()].sort((a, b) => a.split - b.split || a.row - b.row);
  }

  /** Reads rows that are sorted by split. @throws FILE_NOT_FOUND, RECORD_INVALID */
  async *read(rows: readonly Omit<FoundRow, 'likeness'>[]): AsyncGenerator<DatasetArticle> {
    for (const [split, name] of splitNames.entries()) {
      const own = rows.filter((one) => one.split === split);
      if (own.length === 0) continue;
      const path = await this.#blobs.materialize(this.manifest.splits[name]);
      const file = openSync(path, 'r');
      try {
        for (const { row } of own) yield this.#readLine({ split, file, path }, row);
      } finally {
        closeSync(file);
      }
    }
  }

  #readLine(
    { split, file, path }: { readonly split: number; readonly file: number; readonly path: string },
    row: number,
  ): DatasetArticle {
    const columns = this.#index[split]!;
    const start = offsetOf(columns, row);
    const { sizeBytes } = this.manifest.splits[nameSplit(split)];
    const end = row + 1 < columns.rows ? offsetOf(columns, row + 1) : sizeBytes;
    const line = Buffer.alloc(end - start);
    readSync(file, line, 0, line.length, start);
    return parseRecord(articleRecord, line.toString('utf8'), path);
  }

  #clean(article: ArticleText): ArticleText {
    return cleanArticle(article, { strip: this.manifest.config.strip === true }).article;
  }

  /** Rows that share a band with an article are compared with it by their signatures. */
  async #findSimilar(articles: readonly ArticleText[]): Promise<Omit<FoundRow, 'likeness'>[]> {
    const comparison = readComparison(this.manifest);
    const signer = new ArticleSigner(comparison);
    const found: Omit<FoundRow, 'likeness'>[] = [];
    for (const article of articles) {
      const signature = signer.sign(this.#clean(article));
      if (signature === null) continue;
      const candidates = this.#findCandidates(signer.hash(signature));
      let at = 0;
      for await (const other of this.read(candidates)) {
        const theirs = signer.sign(other);
        const isSimilar = theirs !== null && estimateSimilarity(signature, theirs) >= comparison.threshold;
        if (isSimilar) found.push(candidates[at]!);
        at++;
      }
    }
    return found;
  }

  /** Rows that have a band in common with these hashes. */
  #findCandidates(hashes: Int32Array): Omit<FoundRow, 'likeness'>[] {
    return this.#index.flatMap((columns, split) => {
      const rows = new Set<number>();
      for (const [i, band] of columns.bands.entries())
        for (let row = band.indexOf(hashes[i]!); row !== -1; row = band.indexOf(hashes[i]!, row + 1))
          rows.add(row);
      return [...rows].sort((a, b) => a - b).map((row) => ({ split, row }));
    });
  }

  #filter(isWanted: (split: IndexedSplit, row: number) => boolean): Omit<FoundRow, 'likeness'>[] {
    const found: Omit<FoundRow, 'likeness'>[] = [];
    for (const [split, columns] of this.#index.entries())
      for (let row = 0; row < columns.rows; row++) if (isWanted(columns, row)) found.push({ split, row });
    return found;
  }
}

export function nameSplit(split: number): SplitName {
  return splitNames[split]!;
}

function offsetOf({ offset, offsetLow }: IndexedSplit, row: number): number {
  return offset[row]! * 2 ** 32 + offsetLow[row]!;
}
