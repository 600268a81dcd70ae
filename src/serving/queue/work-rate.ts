// Estimates the speed of a thread from its batches: characters a token, and milliseconds a token. Token counts are
// estimated from characters, because tokenizing happens on the threads.
import type { ArticleText } from '../../foundation/records/index.ts';

export interface WorkRate {
  /** Tokens of the article that the model will read, at most maxTokens. */
  estimateTokens(article: ArticleText): number;
  /** Milliseconds one thread needs. */
  estimateMs(tokens: number): number;
  /** Records a batch. Leave out the characters and tokens of articles that were cut at the maximum. */
  learn(batch: { characters: number; tokens: number; estimatedTokens: number; ms: number }): void;
}

/** English, by WordPiece with 8,192 to 30,522 pieces: 4 to 5 characters a token. Used until the first batch. */
const FIRST_CHARACTERS_PER_TOKEN = 4.5;
/** A small model on one core. Used until the first batch. */
const FIRST_MS_PER_TOKEN = 0.1;
/** Weight of the newest batch: about the last ten batches count. */
const NEWEST = 0.1;
/** A batch counts as at most this many times the usual: one that waited for a hung thread says nothing about the next. */
const MOST_AT_ONCE = 10;
/** [CLS] and [SEP]. */
const MIN_TOKENS = 2;

export function createWorkRate(maxTokens: () => number): WorkRate {
  let charactersPerToken = FIRST_CHARACTERS_PER_TOKEN;
  let msPerToken = FIRST_MS_PER_TOKEN;
  let batches = 0;
  const blend = (old: number, seen: number): number => {
    const weight = Math.max(NEWEST, 1 / batches);
    return old * (1 - weight) + seen * weight;
  };
  return {
    estimateTokens: ({ title, text }) =>
      Math.min(
        maxTokens(),
        Math.max(MIN_TOKENS, Math.ceil((title.length + text.length) / charactersPerToken)),
      ),
    estimateMs: (tokens) => tokens * msPerToken,
    learn: ({ characters, tokens, estimatedTokens, ms }) => {
      batches++;
      // by estimated tokens: waiting work is counted in them too
      if (estimatedTokens > 0) {
        const most = batches === 1 ? Number.POSITIVE_INFINITY : MOST_AT_ONCE * msPerToken;
        msPerToken = blend(msPerToken, Math.min(ms / estimatedTokens, most));
      }
      if (tokens > 0 && characters > 0) charactersPerToken = blend(charactersPerToken, characters / tokens);
    },
  };
}
