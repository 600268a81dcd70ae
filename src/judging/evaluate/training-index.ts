// Finds out whether a model was trained on an article, by the words of its title or text regardless of case, punctuation and
// the spelling of accents: the same story may come from another file under another id.
import { hashMd5 } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';

/** Shorter titles ("Letters to the editor") name a column of a newspaper, not a story. */
const FEWEST_TITLE_WORDS = 5;
/** Shorter texts ("Watch the video below") are boilerplate. */
const FEWEST_TEXT_WORDS = 12;

export interface TrainingIndex {
  readonly articles: number;
  has(article: ArticleText): boolean;
}

/** Stores what identifies each article of a training split: about 100 bytes an article. */
export async function createTrainingIndex(articles: AsyncIterable<ArticleText>): Promise<TrainingIndex> {
  const keys = new Set<string>();
  let count = 0;
  for await (const article of articles) {
    count++;
    for (const key of listKeys(article)) keys.add(key);
  }
  return { articles: count, has: (article) => listKeys(article).some((key) => keys.has(key)) };
}

function listKeys({ title, text }: ArticleText): string[] {
  const keys: string[] = [];
  const titleWords = splitWords(title);
  const textWords = splitWords(text);
  if (titleWords.length >= FEWEST_TITLE_WORDS) keys.push(`title ${hashMd5(titleWords.join(' '))}`);
  if (textWords.length >= FEWEST_TEXT_WORDS) keys.push(`text ${hashMd5(textWords.join(' '))}`);
  return keys;
}

function splitWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
