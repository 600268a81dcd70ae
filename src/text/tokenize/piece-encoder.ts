// Articles to ids for transformer models: one special token, title + " " + text cut to maxTokens, one special token.
// Offsets, where asked for, are positions in that content string; the special tokens have the empty span [0, 0).
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { PieceEncoder, PieceKind, TokenSpans, Truncation } from './article-encoder.ts';
import { splitRoom } from './truncation.ts';

export interface PieceEncoderOptions {
  /** T at most, both special tokens included. */
  readonly maxTokens: number;
  readonly truncation: Truncation;
}

export interface PieceEncoderParts {
  readonly kind: PieceKind;
  readonly vocabularySize: number;
  readonly padId: number;
  readonly maskId: number;
  readonly unreachablePieces: number;
  /** Ids before and after every article: [CLS] and [SEP], or <s> and </s>. */
  readonly frame: readonly [first: number, last: number];
  readonly tokenizer: {
    /** Ids of a text; may stop once there are at least `limit` of them. */
    encode(text: string, limit?: number): Int32Array;
    encodeWithOffsets(text: string): TokenSpans;
  };
  /** Content hash of the tokenizer and these options. */
  digestWith(options: PieceEncoderOptions): string;
  save(folder: string, maxTokens: number): void;
}

/** The one text an article is read as: title + " " + text; the text alone where there is no title. */
export function formatContent(article: ArticleText): string {
  return article.title === '' ? article.text : `${article.title} ${article.text}`;
}

/**
 * Makes an encoder of a tokenizer.
 * @throws USAGE when maxTokens leaves no room beside the special tokens
 */
export function createPieceEncoder(parts: PieceEncoderParts, options: PieceEncoderOptions): PieceEncoder {
  const { maxTokens, truncation } = options;
  if (maxTokens < 3) {
    throw appError('USAGE', {
      where: 'model.max_length',
      problem: `expected at least 3 tokens, got ${maxTokens}`,
      hint: 'Two of them are special tokens around the article; 128 to 512 are usual.',
    });
  }
  const {
    tokenizer,
    frame: [firstId, lastId],
  } = parts;
  const room = maxTokens - 2;
  const { head, tail } = splitRoom(room, truncation);
  const encodeHead = truncation === 'head' ? room + 1 : undefined;

  return {
    kind: parts.kind,
    vocabularySize: parts.vocabularySize,
    padId: parts.padId,
    maskId: parts.maskId,
    unreachablePieces: parts.unreachablePieces,
    maxTokens,
    truncation,
    digest: parts.digestWith(options),
    encode: (article) => {
      const all = tokenizer.encode(formatContent(article), encodeHead);
      const truncated = all.length > room;
      return { ids: frame(cutMiddle(all, truncated, head, tail), firstId, lastId), truncated };
    },
    countTokens: (article) => tokenizer.encode(formatContent(article)).length + 2,
    encodeWithOffsets: (article) => {
      const all = tokenizer.encodeWithOffsets(formatContent(article));
      const truncated = all.ids.length > room;
      const cut = (values: Int32Array): Int32Array => cutMiddle(values, truncated, head, tail);
      return {
        ids: frame(cut(all.ids), firstId, lastId),
        starts: frame(cut(all.starts), 0, 0),
        ends: frame(cut(all.ends), 0, 0),
        truncated,
      };
    },
    save: (folder) => parts.save(folder, maxTokens),
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
