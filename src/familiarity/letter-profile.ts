// Which letters follow each other in the training articles, in whatever language they are: an article in another one has
// other pairs (the idea of Cavnar and Trenkle 1994, with probabilities in place of ranks). A word's ends count as letters.
import { z } from 'zod';

/** Pairs that are kept; the rest share one probability. */
const KEPT_PAIRS = 1000;
/** Characters read of one article: enough to tell, and a fifth of a millisecond when judging. */
const MAX_CHARACTERS = 3000;
/** Fewer pairs say nothing. */
const MIN_PAIRS = 30;
const WORDS = /[\p{L}\p{M}]+/gu;

export const letterProfileSchema = z.strictObject({
  /** log2 of the probability of each common pair. */
  pairs: z.record(z.string(), z.number()),
  /** Of any other. */
  other: z.number(),
});
export type LetterProfile = z.infer<typeof letterProfileSchema>;

/** The profile of many texts. */
export async function buildLetterProfile(texts: AsyncIterable<string>): Promise<LetterProfile> {
  const counts = new Map<string, number>();
  let total = 0;
  for await (const text of texts) {
    for (const pair of listPairs(text)) {
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
      total++;
    }
  }
  const common = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, KEPT_PAIRS);
  const rest = total - common.reduce((sum, [, count]) => sum + count, 0);
  const rare = counts.size - common.length;
  // a pair that was never seen counts as half a pair that was seen once
  const other = Math.log2(Math.max(0.5, rare === 0 ? 0 : rest / rare) / Math.max(1, total));
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    pairs: Object.fromEntries(
      common.map(([pair, count]) => [pair, round(Math.max(Math.log2(count / total), other))]),
    ),
    other: round(other),
  };
}

export interface LetterScore {
  /** Mean log2 probability of the pairs. */
  readonly mean: number;
  /** Standard deviation of a single pair's. */
  readonly deviation: number;
  readonly pairs: number;
}

/** How well a text fits the profile; null where it has too few letters to tell. */
export function scoreLetters({ pairs, other }: LetterProfile, text: string): LetterScore | null {
  let [sum, squares, count] = [0, 0, 0];
  for (const pair of listPairs(text)) {
    const value = pairs[pair] ?? other;
    sum += value;
    squares += value * value;
    count++;
  }
  if (count < MIN_PAIRS) return null;
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)), pairs: count };
}

function* listPairs(text: string): Generator<string> {
  for (const [word] of text.slice(0, MAX_CHARACTERS).toLowerCase().matchAll(WORDS)) {
    let last = ' ';
    for (const letter of word) {
      yield last + letter;
      last = letter;
    }
    yield `${last} `;
  }
}
