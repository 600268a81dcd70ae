// Finds which row of one table is which row of the other: by id, by equal content, by the same words, by a title that only
// one row of each has, and by near-identical text, in this order. Each row has at most one counterpart.
import { appError } from '../../foundation/core/index.ts';
import { estimateSimilarity } from '../data/index.ts';
import type { ArticleTable, TableArticle } from './article-table.ts';
import { evenOut, hashKey, listBands, NameNumbers, WordKeyMaker, type WordKeys } from './row-keys.ts';

/** The rows of a table as numbers; index i is row i. */
export interface TableRows {
  readonly id: readonly number[];
  /** Title and text together. */
  readonly content: readonly number[];
  readonly label: readonly number[];
  readonly source: readonly number[];
}

export type MatchReason = 'id' | 'content' | 'words' | 'title' | 'similarity';
export const matchReasons: readonly MatchReason[] = ['id', 'content', 'words', 'title', 'similarity'];

export interface RowMatches {
  readonly labels: NameNumbers;
  readonly sources: NameNumbers;
  readonly before: TableRows;
  readonly after: TableRows;
  /** The row of `after` for each row of `before`; -1: none. */
  readonly counterpart: Int32Array;
  readonly reasons: Readonly<Record<MatchReason, number>>;
  /** Both have ids, but the ids name other rows, as numbers of lines do: they are not used. */
  readonly idsIgnored: boolean;
}

/** Two texts of at least this estimated Jaccard similarity of pairs of words are one article. */
const MIN_SIMILARITY = 0.5;
/** Rows that share a band beyond this number are boilerplate. */
const MAX_BUCKET = 50;

export async function matchRows(before: ArticleTable, after: ArticleTable): Promise<RowMatches> {
  const labels = new NameNumbers();
  const sources = new NameNumbers();
  const [a, b] = [await readKeys(before, labels, sources), await readKeys(after, labels, sources)];
  const matcher = new Matcher(a, b);
  matcher.matchIds();
  matcher.matchContent();
  if (matcher.hasUnmatched()) {
    matcher.matchWords(
      await readWordKeys(before, (row) => matcher.counterpart[row] === -1),
      await readWordKeys(after, (row) => matcher.taken[row] === 0),
    );
  }
  const { counterpart, reasons, idsIgnored } = matcher;
  return { labels, sources, before: a, after: b, counterpart, reasons, idsIgnored };
}

/** @throws DATA_FILE_INVALID if the table has no rows */
async function readKeys(table: ArticleTable, labels: NameNumbers, sources: NameNumbers): Promise<TableRows> {
  const rows = { id: [], content: [], label: [], source: [] } as Record<keyof TableRows, number[]>;
  for await (const articles of table.read()) {
    for (const { id, title, text, label, source } of articles) {
      rows.id.push(id === null ? 0 : hashKey(id));
      const [titleKey, textKey] = [hashKey(evenOut(title)), hashKey(evenOut(text))];
      rows.content.push(Math.floor(titleKey / 2) + textKey); // below 2^53
      rows.label.push(labels.numberOf(label));
      rows.source.push(sources.numberOf(source));
    }
  }
  if (rows.id.length === 0)
    throw appError('DATA_FILE_INVALID', {
      path: table.name,
      expected: 'articles',
      got: 'no rows',
      remedy: 'Check the path.',
    });
  return rows;
}

async function readWordKeys(
  table: ArticleTable,
  isWanted: (row: number) => boolean,
): Promise<Map<number, WordKeys>> {
  const maker = new WordKeyMaker();
  const keys = new Map<number, WordKeys>();
  for await (const [row, { title, text }] of eachRow(table))
    if (isWanted(row)) keys.set(row, maker.make(title, text));
  return keys;
}

/** The rows of a table with their numbers. */
export async function* eachRow(table: ArticleTable): AsyncGenerator<readonly [number, TableArticle]> {
  let row = 0;
  for await (const articles of table.read()) for (const article of articles) yield [row++, article];
}

class Matcher {
  readonly counterpart: Int32Array;
  /** 1: the row of `after` has a counterpart. */
  readonly taken: Uint8Array;
  readonly reasons: Record<MatchReason, number> = { id: 0, content: 0, words: 0, title: 0, similarity: 0 };
  idsIgnored = false;
  private readonly before: TableRows;
  private readonly after: TableRows;

  constructor(before: TableRows, after: TableRows) {
    this.before = before;
    this.after = after;
    this.counterpart = new Int32Array(before.id.length).fill(-1);
    this.taken = new Uint8Array(after.id.length);
  }

  hasUnmatched(): boolean {
    return this.counterpart.includes(-1) && this.taken.includes(0);
  }

  private join(a: number, b: number, reason: MatchReason): void {
    this.counterpart[a] = b;
    this.taken[b] = 1;
    this.reasons[reason]++;
  }

  /** Ids that one table has twice identify nothing. */
  matchIds(): void {
    const pairs = this.pairUnique(this.before.id, this.after.id);
    const { before, after } = this;
    const changed = pairs.filter(([a, b]) => before.content[a] !== after.content[b]);
    const [contents, others] = [mapUnique(before.content), mapUnique(after.content)];
    // If most rows that differ stand unchanged under another id, the ids only number the rows.
    const moved = changed.filter(([a]) => {
      const key = before.content[a] as number;
      return contents.get(key) === a && (others.get(key) ?? -1) >= 0;
    }).length;
    this.idsIgnored = moved * 2 > changed.length;
    if (!this.idsIgnored) for (const [a, b] of pairs) this.join(a, b, 'id');
  }

  /** Pairs equal title and text: rows of one label first, then the others in their order. */
  matchContent(): void {
    const waiting = new Map<number, number[]>();
    for (const [b, key] of this.after.content.entries()) {
      if (this.taken[b] === 1) continue;
      const rows = waiting.get(key);
      if (rows === undefined) waiting.set(key, [b]);
      else rows.push(b);
    }
    for (const isStrict of [true, false]) {
      for (const [a, key] of this.before.content.entries()) {
        if (this.counterpart[a] !== -1) continue;
        const rows = waiting.get(key);
        if (rows === undefined) continue;
        const at = isStrict ? rows.findIndex((b) => this.after.label[b] === this.before.label[a]) : 0;
        const b = rows[at];
        if (b === undefined) continue;
        rows.splice(at, 1);
        this.join(a, b, 'content');
      }
    }
  }

  matchWords(before: ReadonlyMap<number, WordKeys>, after: ReadonlyMap<number, WordKeys>): void {
    for (const reason of ['words', 'title'] as const) {
      const field = reason === 'words' ? 'text' : 'title';
      const columnOf = (
        keys: ReadonlyMap<number, WordKeys>,
        length: number,
        isFree: (row: number) => boolean,
      ): number[] => Array.from({ length }, (_, row) => (isFree(row) ? (keys.get(row)?.[field] ?? 0) : 0));
      const pairs = this.pairUnique(
        columnOf(before, this.counterpart.length, (row) => this.counterpart[row] === -1),
        columnOf(after, this.taken.length, (row) => this.taken[row] === 0),
      );
      for (const [a, b] of pairs) this.join(a, b, reason);
    }
    this.matchSimilar(before, after);
  }

  private matchSimilar(before: ReadonlyMap<number, WordKeys>, after: ReadonlyMap<number, WordKeys>): void {
    const buckets = new Map<string, number[]>();
    for (const [a, { signature }] of before) {
      if (signature === null || this.counterpart[a] !== -1) continue;
      for (const band of listBands(signature)) {
        const rows = buckets.get(band);
        if (rows === undefined) buckets.set(band, [a]);
        else if (rows.length < MAX_BUCKET) rows.push(a);
      }
    }
    const pairs: { readonly a: number; readonly b: number; readonly similarity: number }[] = [];
    for (const [b, { signature }] of after) {
      if (signature === null || this.taken[b] === 1) continue;
      for (const a of new Set(listBands(signature).flatMap((band) => buckets.get(band) ?? []))) {
        const similarity = estimateSimilarity(before.get(a)!.signature!, signature);
        if (similarity >= MIN_SIMILARITY) pairs.push({ a, b, similarity });
      }
    }
    pairs.sort((x, y) => y.similarity - x.similarity || x.a - y.a || x.b - y.b);
    for (const { a, b } of pairs)
      if (this.counterpart[a] === -1 && this.taken[b] === 0) this.join(a, b, 'similarity');
  }

  /** The pairs of rows whose key stands exactly once in each table. */
  private pairUnique(before: readonly number[], after: readonly number[]): (readonly [number, number])[] {
    const [a, b] = [mapUnique(before), mapUnique(after)];
    return [...a].flatMap(([key, row]) => {
      const other = b.get(key);
      return row < 0 || other === undefined || other < 0 ? [] : [[row, other] as const];
    });
  }
}

/** The row of each key; -1: several rows. Key 0 is none. */
function mapUnique(keys: readonly number[]): Map<number, number> {
  const rows = new Map<number, number>();
  for (const [row, key] of keys.entries()) if (key !== 0) rows.set(key, rows.has(key) ? -1 : row);
  return rows;
}
