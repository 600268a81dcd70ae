// An article piece by piece as the model reads it (word pieces, or the words of the linear model), each with its place
// in the article as it was sent, and the ids that are left when some pieces are taken out.
// What is left out is removed, not replaced: a shorter article is something that the model knows from training, while
// [MASK] or padding in the middle is not, unless it was pretrained on them. What lies behind the maximum length is not
// drawn in, so that the difference is that of the piece alone.

import type { ArticleText } from '../../foundation/records/index.ts';
import { type TracedArticle, traceCleaning } from '../../text/clean/index.ts';
import type { ArticleEncoder, HashedNgramEncoder, PieceEncoder } from '../../text/tokenize/index.ts';
import type { Span } from './spans.ts';

export interface Reading {
  /** [P] in reading order; a piece may have come from nothing visible, and is then empty. */
  readonly places: readonly Span[];
  /** The ids without the pieces p for which removed[p] is 1. */
  encodeWithout(removed: Uint8Array): Int32Array;
  /** Of the linear model: its words. Of the others: position of each piece in the ids is p + 1. */
  readonly words?: { readonly hashes: readonly number[]; readonly head: number };
}

/** Reads `article` with the encoder of a model that cleans with `strip`. */
export function readArticle(
  article: ArticleText,
  encoder: ArticleEncoder,
  cleaning: { readonly strip: boolean },
): Reading {
  const traced = traceCleaning(article, cleaning);
  return encoder.kind === 'hashed-ngrams'
    ? readWords(traced, encoder as HashedNgramEncoder)
    : readPieces(traced, encoder as PieceEncoder);
}

function readPieces({ title, text }: TracedArticle, encoder: PieceEncoder): Reading {
  const { ids, starts, ends } = encoder.encodeWithOffsets({ title: title.text, text: text.text });
  const pieces = ids.length - 2; // between the two special tokens
  // content = title + " " + text, or the text alone
  const textStart = title.text === '' ? 0 : title.text.length + 1;
  const places = Array.from({ length: pieces }, (_, p) =>
    locate({ title, text }, textStart, starts[p + 1]!, ends[p + 1]!),
  );
  return {
    places,
    encodeWithout: (removed) => ids.filter((_, at) => at === 0 || at > pieces || removed[at - 1] !== 1),
  };
}

function readWords({ title, text }: TracedArticle, encoder: HashedNgramEncoder): Reading {
  const { hashes, head, starts, ends } = encoder.readWords({ title: title.text, text: text.text });
  const textStart = title.text.length + 1;
  return {
    places: Array.from(hashes, (_, w) => locate({ title, text }, textStart, starts[w]!, ends[w]!)),
    encodeWithout: (removed) => {
      const kept = hashes.filter((_, w) => removed[w] !== 1);
      let keptHead = 0;
      for (let w = 0; w < head; w++) if (removed[w] !== 1) keptHead++;
      return encoder.encodeWords(kept, keptHead);
    },
    words: { hashes, head },
  };
}

/** From a place in the cleaned content to one in the field as it was sent. */
function locate({ title, text }: TracedArticle, textStart: number, start: number, end: number): Span {
  const inTitle = start < textStart;
  const map = inTitle ? title : text;
  const [from, to] = inTitle
    ? [start, Math.min(end, title.text.length)]
    : [start - textStart, end - textStart];
  const field = inTitle ? 'title' : 'text';
  return from < to
    ? { field, start: map.starts[from]!, end: map.ends[to - 1]! }
    : { field, start: 0, end: 0 };
}
