// Counts in how many articles of each class a word or a pair of words occurs. The counts lie in hashed buckets, so memory
// does not grow with the vocabulary. A second, short pass over the texts finds the words of the most informative buckets.
import { hash32 } from '../../../foundation/core/index.ts';
import type { ArticleText } from '../../../foundation/records/index.ts';
import { createWordHashes, fillWordHashes } from '../word-hashes.ts';
import { type Mark, measureMark } from './information.ts';

const BUCKETS = 1 << 20;

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

export function createTermCounts(): TermCounts {
  const counts: Uint32Array[] = [];
  const seen = new Uint32Array(BUCKETS);
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
      visit(hash32(word) & (BUCKETS - 1), i, i);
      if (i > 0) visit(hash32(Math.imul(previous, 31) ^ word) & (BUCKETS - 1), i - 1, i);
      previous = word;
    }
  };

  return {
    add: (article, label) => {
      counts[label] ??= new Uint32Array(BUCKETS);
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
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const withTerm = order.map((label) => counts[label]?.[bucket] ?? 0);
        if (withTerm.every((n) => n === 0)) continue;
        const mark = measureMark(withTerm, totals);
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
