// The tokens of an article as the model reads it (pieces of words, or whole words), each with its place in the article as it
// was sent, and the ids that are left when some tokens are taken out.
// Tokens are removed, not replaced: models know shorter articles from training, but [MASK] or padding in the middle only if
// they were pretrained on them. Text beyond the maximum length does not move up into the gap, so that the difference is due
// to the removed tokens alone.
import type { ArticleText } from '../../foundation/records/index.ts';
import { type TracedArticle, traceCleaning } from '../../text/clean/index.ts';
import type { ArticleEncoder, HashedNgramEncoder, PieceEncoder } from '../../text/tokenize/index.ts';
import type { Span } from './spans.ts';

export interface LocatedTokens {
  /** [P] in reading order; empty for a token that comes from nothing visible. */
  readonly places: readonly Span[];
  /** The ids without the tokens p for which removed[p] is 1. */
  encodeWithout(removed: Uint8Array): Int32Array;
  /** For a model that counts word groups: its words. For others, token p stands at p + 1 in the ids. */
  readonly words?: { readonly hashes: readonly number[]; readonly head: number };
}

/** Locates the tokens that `encoder` reads of an article after cleaning. */
export function locateTokens(
  article: ArticleText,
  encoder: ArticleEncoder,
  cleaning: { readonly strip: boolean },
): LocatedTokens {
  const traced = traceCleaning(article, cleaning);
  return encoder.kind === 'hashed-ngrams'
    ? locateWords(traced, encoder as HashedNgramEncoder)
    : locatePieces(traced, encoder as PieceEncoder);
}

function locatePieces({ title, text }: TracedArticle, encoder: PieceEncoder): LocatedTokens {
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

function locateWords({ title, text }: TracedArticle, encoder: HashedNgramEncoder): LocatedTokens {
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

/** Maps a place in the cleaned content to a place in the field as it was sent. */
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
