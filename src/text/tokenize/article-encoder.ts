// What every tokenizer is to the rest of the program: articles in, ids out. `wordpiece` reads title + " " + text as
// one sequence between [CLS] and [SEP]; `hashed-ngrams` gives the feature ids of the linear model.
import type { ArticleText } from '../../foundation/records/index.ts';

export type Truncation = 'head' | 'head+tail';

export interface EncodedArticle {
  /** Ids, special tokens included, at most maxTokens of them. */
  readonly ids: Int32Array;
  /** True when the article had more than fits. */
  readonly truncated: boolean;
}

export interface ArticleEncoder {
  readonly kind: 'wordpiece' | 'hashed-ngrams';
  /** V: ids lie in [0, vocabularySize). */
  readonly vocabularySize: number;
  readonly padId: number;
  readonly maxTokens: number;
  readonly truncation: Truncation;
  /** Content hash of everything that shapes the ids: names token caches. */
  readonly digest: string;
  encode(article: ArticleText): EncodedArticle;
  /** Ids that the whole article has, special tokens included: as many as `encode` would give without a limit. */
  countTokens(article: ArticleText): number;
  /** Writes tokenizer.json, tokenizer_config.json and vocab.txt (wordpiece), or hashing.json (hashed-ngrams). */
  save(folder: string): void;
}

/** A split as ids, ready to be batched; cached on disk by (dataset version, encoder digest). */
export interface TokenizedSplit {
  /** All articles' ids, one after the other. */
  readonly ids: Int32Array;
  /** [N + 1] start of each article in `ids`. */
  readonly offsets: Uint32Array;
  /** [N] */
  readonly labels: Int32Array;
  /** [N] */
  readonly articleIds: readonly string[];
  /** [N] outlet, where known. */
  readonly sources: readonly (string | null)[];
  /** How many articles were cut at maxTokens. */
  readonly truncated: number;
}

export interface Batch {
  /** B */
  readonly size: number;
  /** T: the longest article in the batch. */
  readonly length: number;
  readonly inputIds: Int32Array; // [B, T], padded with padId
  readonly attentionMask: Int32Array; // [B, T], 1 = token, 0 = padding
  readonly labels: Int32Array; // [B]
  /** [B] indices into the split. */
  readonly rows: Int32Array;
  /** Real tokens, padding not counted. */
  readonly tokens: number;
}
