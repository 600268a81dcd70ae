// The interface of every tokenizer for the rest of the program: articles in, ids out. Piece encoders read title + " " + text as
// one sequence between two special tokens; `hashed-ngrams` gives the feature ids of the linear model.
import type { ArticleText } from '../../foundation/records/index.ts';

export type Truncation = 'head' | 'head+tail';

export interface EncodedArticle {
  /** Ids, special tokens included, at most maxTokens of them. */
  readonly ids: Int32Array;
  /** True when the article had more than fits. */
  readonly truncated: boolean;
}

export interface ArticleEncoder {
  readonly kind: PieceKind | 'hashed-ngrams';
  /** V: ids lie in [0, vocabularySize). */
  readonly vocabularySize: number;
  /** Fills the columns behind a shorter article in a batch; 1 in RoBERTa, so no caller may take it for 0. */
  readonly padId: number;
  readonly maxTokens: number;
  readonly truncation: Truncation;
  /** Content hash of everything that shapes the ids: names token caches. */
  readonly digest: string;
  encode(article: ArticleText): EncodedArticle;
  /** Ids that the whole article has, special tokens included: as many as `encode` would give without a limit. */
  countTokens(article: ArticleText): number;
  /** Writes the tokenizer's files into a model folder, from which `loadArticleEncoder` gives the same ids. */
  save(folder: string): void;
}

/** Tokens of a text, without special tokens around them. */
export interface TokenSpans {
  readonly ids: Int32Array;
  /** Where each token begins in the text, in UTF-16 units. */
  readonly starts: Int32Array;
  /** Where each token ends (exclusive). */
  readonly ends: Int32Array;
}

/** How a piece encoder cuts words: the `model.type` of its tokenizer.json. */
export type PieceKind = 'wordpiece' | 'byte-bpe' | 'unigram';

export interface EncodedArticleSpans extends EncodedArticle {
  /** [T] where each token begins in `formatContent(article)`, in UTF-16 units. */
  readonly starts: Int32Array;
  /** [T] where each token ends (exclusive). */
  readonly ends: Int32Array;
}

/** The tokenizer of a transformer model: one special token, the pieces of the article, one special token. */
export interface PieceEncoder extends ArticleEncoder {
  readonly kind: PieceKind;
  /** The token that pretraining put in place of hidden pieces. */
  readonly maskId: number;
  /** Pieces with capital letters although the tokenizer lower-cases every text: many of them mean a cased vocabulary. */
  readonly unreachablePieces: number;
  /**
   * The same ids as `encode`, with their place in the content; slower. Both special tokens around the article, and
   * pieces that stand for white space alone, have an empty span.
   */
  encodeWithOffsets(article: ArticleText): EncodedArticleSpans;
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
