// The words by which two articles are compared: those of the text, or of title and text where the text is very short.
import type { ArticleText } from '../../foundation/records/index.ts';
import { fillWordHashes, type WordHashes } from './word-hashes.ts';

/** Shorter texts with a title ("Watch the video") are boilerplate: only title and text together are evidence. */
export const MIN_COMPARED_WORDS = 8;

/** Fills `words` with the compared words. @returns whether they are those of title and text together */
export function fillComparedWords({ title, text }: ArticleText, words: WordHashes): boolean {
  fillWordHashes(text, words);
  if (words.count >= MIN_COMPARED_WORDS) return false;
  fillWordHashes(title, words);
  const hasTitle = words.count > 0;
  fillWordHashes(hasTitle ? `${title}\n${text}` : text, words);
  return hasTitle;
}
