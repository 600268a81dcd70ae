// Counts in how many articles of each class a word or a pair of words occurs. The counts lie in hashed buckets, so memory
// does not grow with the vocabulary. The words of the most informative buckets are looked up in some of the articles.
import { hash32 } from '../../../foundation/core/index.ts';
import type { ArticleText } from '../../../foundation/records/index.ts';
import { createWordHashes, fillWordHashes } from '../word-hashes.ts';
import { type Mark, measureMark } from './measure.ts';

/** The largest table; with few articles a smaller one does. */
const MAX_BITS = 20;
const TERMS_OF_ARTICLE = 256;
/** A term in fewer articles, or in a smaller share of every class, is not ranked. */
const MIN_ROWS = 3;
const MIN_SHARE = 0.005;

export interface Term extends Mark {
  readonly term: string;
}

export interface TermCounts {
  add(article: ArticleText, label: number): void;
  /**
   * Finds the buckets that say most about the class.
   * @param order   the label number of each class
   * @param totals  the number of articles of each class
   */
  rank(order: readonly number[], totals: readonly number[], count: number): ReadonlyMap<number, Mark>;
  /** Counts the terms of the article that fall into one of `buckets`. */
  nameTerms(
    article: ArticleText,
    buckets: ReadonlyMap<number, Mark>,
    names: Map<number, Map<string, number>>,
  ): void;
}

/** @param rows  about how many articles there are */
export function createTermCounts(rows: number): TermCounts {
  const bits = Math.min(MAX_BITS, Math.max(12, Math.ceil(Math.log2(rows * TERMS_OF_ARTICLE + 1))));
  const size = 1 << bits;
  const mask = size - 1;
  const counts: Uint32Array[] = [];
  const seen = new Uint32Array(size);
  const words = createWordHashes();
  let articles = 0;

  const forEachTerm = (
    article: ArticleText,
    visit: (bucket: number, from: number, to: number) => void,
  ): void => {
    fillWordHashes(`${article.title}\n${article.text}`, words);
    let previous = 0;
    for (let i = 0; i < words.count; i++) {
      const word = words.hashes[i] as number;
      visit(hash32(word) & mask, i, i);
      if (i > 0) visit(hash32(Math.imul(previous, 31) ^ word) & mask, i - 1, i);
      previous = word;
    }
  };

  return {
    add: (article, label) => {
      counts[label] ??= new Uint32Array(size);
      const row = counts[label];
      articles++;
      forEachTerm(article, (bucket) => {
        if (seen[bucket] === articles) return;
        seen[bucket] = articles;
        row[bucket] = (row[bucket] as number) + 1;
      });
    },
    rank: (order, totals, count) => {
      let best: [number, Mark][] = [];
      let floor = 0;
      const least = totals.map((total) => Math.max(MIN_ROWS, MIN_SHARE * total));
      for (let bucket = 0; bucket < size; bucket++) {
        if (!least.some((min, i) => (counts[order[i] as number]?.[bucket] ?? 0) >= min)) continue;
        const mark = measureMark(
          order.map((label) => counts[label]?.[bucket] ?? 0),
          totals,
        );
        if (mark.bits <= floor) continue;
        best.push([bucket, mark]);
        if (best.length >= count * 4) {
          best = best.sort((a, b) => b[1].bits - a[1].bits).slice(0, count);
          floor = best.at(-1)?.[1].bits ?? 0;
        }
      }
      return new Map(best.sort((a, b) => b[1].bits - a[1].bits).slice(0, count));
    },
    nameTerms: (article, buckets, names) => {
      const lower = `${article.title}\n${article.text}`.toLowerCase();
      forEachTerm(article, (bucket, from, to) => {
        if (!buckets.has(bucket)) return;
        const term = [from, to]
          .slice(from === to ? 1 : 0)
          .map((i) => lower.slice(words.starts[i], words.ends[i]))
          .join(' ');
        const found = names.get(bucket) ?? new Map<string, number>();
        names.set(bucket, found.set(term, (found.get(term) ?? 0) + 1));
      });
    },
  };
}

/** Turns ranked buckets into terms; the most common term of a bucket names it. */
export function nameRanked(
  ranked: ReadonlyMap<number, Mark>,
  names: ReadonlyMap<number, ReadonlyMap<string, number>>,
): Term[] {
  return [...ranked].flatMap(([bucket, mark]) => {
    const spellings = [...(names.get(bucket) ?? [])].sort((a, b) => b[1] - a[1]);
    return spellings[0] === undefined ? [] : [{ term: spellings[0][0], ...mark }];
  });
}
