// Articles to ids for transformer models: [CLS] title + " " + text [SEP], cut to maxTokens. Offsets, where asked
// for, are positions in that content string; special tokens of the frame have the empty span [0, 0).

import { appError, canonicalJson, hashSha256 } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { ArticleEncoder, EncodedArticle, Truncation } from './article-encoder.ts';
import { splitRoom } from './truncation.ts';
import type { Vocabulary } from './vocabulary.ts';
import { createWordPieceTokenizer, type WordPieceTokenizer } from './wordpiece.ts';
import { saveWordPieceTokenizer } from './wordpiece-file.ts';

/** Counted up when the same vocabulary would give other ids: cached tokens are then made again. */
const ALGORITHM_VERSION = 1;

export interface WordPieceEncoderOptions {
  /** T at most, [CLS] and [SEP] included. */
  readonly maxTokens: number;
  readonly truncation: Truncation;
}

export interface EncodedArticleSpans extends EncodedArticle {
  /** [T] where each token begins in `formatContent(article)`, in UTF-16 units. */
  readonly starts: Int32Array;
  /** [T] where each token ends (exclusive). */
  readonly ends: Int32Array;
}

export interface WordPieceEncoder extends ArticleEncoder {
  readonly kind: 'wordpiece';
  readonly tokenizer: WordPieceTokenizer;
  /** The same ids as `encode`, with their place in the content; slower. */
  encodeWithOffsets(article: ArticleText): EncodedArticleSpans;
}

/** The one text an article is read as: title + " " + text; the text alone where there is no title. */
export function formatContent(article: ArticleText): string {
  return article.title === '' ? article.text : `${article.title} ${article.text}`;
}

/**
 * Creates the encoder of a vocabulary, uncased.
 * @throws USAGE when maxTokens leaves no room beside [CLS] and [SEP]
 */
export function createWordPieceEncoder(
  options: WordPieceEncoderOptions & { readonly vocabulary: Vocabulary },
): WordPieceEncoder {
  return wrapTokenizer(createWordPieceTokenizer(options.vocabulary), options);
}

/**
 * Makes an encoder of a tokenizer.
 * @throws USAGE when maxTokens leaves no room beside [CLS] and [SEP]
 */
export function wrapTokenizer(
  tokenizer: WordPieceTokenizer,
  options: WordPieceEncoderOptions,
): WordPieceEncoder {
  const { maxTokens, truncation } = options;
  if (maxTokens < 3) {
    throw appError('USAGE', {
      where: 'model.max_length',
      problem: `expected at least 3 tokens, got ${maxTokens}`,
      hint: 'Two of them are [CLS] and [SEP]; 128 to 512 are usual.',
    });
  }
  const { vocabulary, normalizer, addedTokens } = tokenizer;
  const { '[CLS]': cls, '[SEP]': sep, '[PAD]': padId } = vocabulary.special;
  const room = maxTokens - 2;
  const { head, tail } = splitRoom(room, truncation);
  const encodeHead = truncation === 'head' ? room + 1 : undefined;

  return {
    kind: 'wordpiece',
    vocabularySize: vocabulary.size,
    padId,
    maxTokens,
    truncation,
    tokenizer,
    digest: hashSha256(
      canonicalJson({
        kind: 'wordpiece',
        version: ALGORITHM_VERSION,
        pieces: vocabulary.pieces,
        normalizer,
        addedTokens,
        maxTokens,
        truncation,
      }),
    ),
    encode: (article) => {
      const all = tokenizer.encode(formatContent(article), encodeHead);
      const truncated = all.length > room;
      return { ids: frame(cutMiddle(all, truncated, head, tail), cls, sep), truncated };
    },
    countTokens: (article) => tokenizer.encode(formatContent(article)).length + 2,
    encodeWithOffsets: (article) => {
      const all = tokenizer.encodeWithOffsets(formatContent(article));
      const truncated = all.ids.length > room;
      const cut = (values: Int32Array): Int32Array => cutMiddle(values, truncated, head, tail);
      return {
        ids: frame(cut(all.ids), cls, sep),
        starts: frame(cut(all.starts), 0, 0),
        ends: frame(cut(all.ends), 0, 0),
        truncated,
      };
    },
    save: (folder) => saveWordPieceTokenizer(tokenizer, folder, maxTokens),
  };
}

function cutMiddle(values: Int32Array, truncated: boolean, head: number, tail: number): Int32Array {
  if (!truncated) return values;
  const kept = new Int32Array(head + tail);
  kept.set(values.subarray(0, head));
  kept.set(values.subarray(values.length - tail), head);
  return kept;
}

function frame(values: Int32Array, first: number, last: number): Int32Array {
  const framed = new Int32Array(values.length + 2);
  framed[0] = first;
  framed.set(values, 1);
  framed[values.length + 1] = last;
  return framed;
}
