// How much work a thread gets through, learnt from what it did: tokens a character of text has, and tokens a
// millisecond takes. Lengths are estimated from characters, for counting tokens is the threads' work.
import type { ArticleText } from '../../foundation/records/index.ts';

export interface WorkRate {
  /** Tokens the model will read of the article, at most maxTokens. */
  estimateTokens(article: ArticleText): number;
  /** Milliseconds one thread needs. */
  estimateMs(tokens: number): number;
  /** What a part came to. Articles cut at the maximum say nothing about length: leave their characters and tokens out. */
  learn(part: { characters: number; tokens: number; estimatedTokens: number; ms: number }): void;
}

/** English, by WordPiece with 8,192 to 30,522 pieces: 4 to 5 characters a token. Until something was learnt. */
const FIRST_CHARACTERS_PER_TOKEN = 4.5;
/** A small model on one core; learnt from the first part on. */
const FIRST_MS_PER_TOKEN = 0.1;
/** Weight of the newest part: about the last ten count. */
const NEWEST = 0.1;
/** Times the usual that one part may count as: one that waited for a thread that hung says nothing of the next. */
const MOST_AT_ONCE = 10;
/** [CLS] and [SEP]. */
const MIN_TOKENS = 2;

export function createWorkRate(maxTokens: () => number): WorkRate {
  let charactersPerToken = FIRST_CHARACTERS_PER_TOKEN;
  let msPerToken = FIRST_MS_PER_TOKEN;
  let parts = 0;
  const blend = (old: number, seen: number): number => {
    const weight = Math.max(NEWEST, 1 / parts);
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
      parts++;
      // by what was estimated, for that is what waiting work is counted in
      if (estimatedTokens > 0) {
        const most = parts === 1 ? Number.POSITIVE_INFINITY : MOST_AT_ONCE * msPerToken;
        msPerToken = blend(msPerToken, Math.min(ms / estimatedTokens, most));
      }
      if (tokens > 0 && characters > 0) charactersPerToken = blend(charactersPerToken, characters / tokens);
    },
  };
}
