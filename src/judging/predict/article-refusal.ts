// Refuses articles that hold no text, such as a web address alone: the model would predict something, and it would mean
// nothing. How little text is too little follows from the articles that the model learned from.
import { type AppError, appError, type Issue } from '../../foundation/core/index.ts';
import { type ArticleText, type ModelFolder, nameNouns } from '../../foundation/records/index.ts';
import { findMissingText, type MissingText, type TextNeeds } from '../../text/clean/index.ts';

/** A model whose training articles nearly all have this many tokens did not learn from single words. */
const LONGER_THAN_WORDS = 8;

type TrainedOn = Pick<ModelFolder, 'usualTokens' | 'cleaning' | 'noun'>;

/** Why the model predicts nothing for an article; null if it does. */
export function refuseWithoutText(
  article: ArticleText,
  info: TrainedOn,
  where = nameNouns(info).one,
): AppError | null {
  const missing = findMissingText(article, chooseNeeds(info));
  if (missing === null) return null;
  const expected = `the text of ${nameNouns(info).any}`;
  return appError('ARTICLE_TEXT_MISSING', { where, expected, got: nameGap(missing), missing });
}

/**
 * Refuses all articles if one of them holds no text.
 * @param pathOf  the path of an article in the request
 * @throws ARTICLE_TEXT_MISSING
 */
export function assertArticlesHaveText(
  articles: readonly ArticleText[],
  info: TrainedOn,
  pathOf: (index: number) => string = (index) => `articles.${index}`,
): void {
  const issues: Issue[] = [];
  const refusals: AppError[] = [];
  articles.forEach((article, index) => {
    const refusal = refuseWithoutText(article, info, pathOf(index) || undefined);
    if (refusal === null) return;
    refusals.push(refusal);
    issues.push({ path: pathOf(index), code: String(refusal.details.missing), message: refusal.message });
  });
  if (refusals.length > 0) throw appError('ARTICLE_TEXT_MISSING', refusals[0]!.details, { issues });
}

/** Whether an article with a title has a text that is only an address. */
export function hasOnlyAddressAsText({ title, text }: ArticleText, info: TrainedOn): boolean {
  return (
    title.trim() !== '' &&
    text.trim() !== '' &&
    findMissingText({ title: '', text }, chooseNeeds(info)) === 'address'
  );
}

/** How many words the model needs at least. */
export function countNeededWords(info: TrainedOn): number {
  return chooseNeeds(info).words;
}

function chooseNeeds({ usualTokens, cleaning }: TrainedOn): TextNeeds {
  return usualTokens.low >= LONGER_THAN_WORDS
    ? { strip: true, words: 2, wordsBesideAddress: 4 }
    : { strip: cleaning.strip, words: 1, wordsBesideAddress: 1 };
}

function nameGap(missing: MissingText): string {
  switch (missing) {
    case 'empty':
      return 'an empty one';
    case 'address':
      return 'only an address, which the model does not open';
    case 'signs':
      return 'only signs, digits or emoji';
    case 'give-aways':
      return 'only a dateline or a credit, which the model does not read';
    case 'word':
      return 'a single word, while the model learned from longer texts';
  }
}
