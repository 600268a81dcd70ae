// Cuts an article as it was sent into sentences and words, by the rules of Unicode for any language. A word includes the
// punctuation that touches it, so that every visible character belongs to one word and every word to one sentence.
import type { ArticleText } from '../../foundation/records/index.ts';

export type Field = 'title' | 'text';

export interface Span {
  readonly field: Field;
  /** In UTF-16 units of the field. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface WordSpan extends Span {
  /** Index into the sentences. */
  readonly sentence: number;
}

const sentences = new Intl.Segmenter('und', { granularity: 'sentence' });
const words = new Intl.Segmenter('und', { granularity: 'word' });

/** The title is one sentence; empty fields have none. Spans begin and end with visible characters. */
export function cutArticle(article: ArticleText): { sentences: Span[]; words: WordSpan[] } {
  const cut = { sentences: [] as Span[], words: [] as WordSpan[] };
  for (const field of ['title', 'text'] as const) {
    for (const { start, end } of cutSentences(article[field], field)) {
      cut.words.push(...cutWords(article[field], { field, start, end }, cut.sentences.length));
      cut.sentences.push({ field, start, end });
    }
  }
  return cut;
}

function cutSentences(text: string, field: Field): { start: number; end: number }[] {
  const pieces = field === 'title' ? [{ segment: text, index: 0 }] : [...sentences.segment(text)];
  return pieces.flatMap(({ segment, index }) => {
    const start = index + segment.length - segment.trimStart().length;
    const end = index + segment.trimEnd().length;
    return start < end ? [{ start, end }] : [];
  });
}

function cutWords(text: string, { field, start, end }: Span, sentence: number): WordSpan[] {
  const found: { start: number; end: number; wordLike: boolean }[] = [];
  for (const { segment, index, isWordLike = false } of words.segment(text.slice(start, end))) {
    if (segment.trim() === '') continue;
    const from = start + index;
    const last = found.at(-1);
    // punctuation joins the word it touches: the one before it, else the one behind it
    if (last !== undefined && last.end === from && (!isWordLike || !last.wordLike)) {
      last.end = from + segment.length;
      last.wordLike ||= isWordLike;
    } else {
      found.push({ start: from, end: from + segment.length, wordLike: isWordLike });
    }
  }
  return found.map((word) => ({ field, start: word.start, end: word.end, sentence }));
}
