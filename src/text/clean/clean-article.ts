// Cleans one article. The same function runs when a dataset is prepared and when an article is predicted, so that a model
// always reads text that was cleaned as in its training.
import type { ArticleText } from '../../foundation/records/index.ts';
import type { CleaningRule } from './rule.ts';
import { cleaningRules } from './rules.ts';
import { collapseWhiteSpace } from './white-space.ts';

export interface CleanedArticle {
  readonly article: ArticleText;
  /** Names of the rules that changed the title or the text, in the order they ran. */
  readonly applied: readonly string[];
}

/**
 * Applies the cleaning rules to title and text.
 * @param options.strip  also remove give-aways (datelines, credits, lost apostrophes, …)
 */
export function cleanArticle(article: ArticleText, options: { readonly strip: boolean }): CleanedArticle {
  return applyRules(article, (rule) => rule.when === 'always' || options.strip);
}

/** Applies the rules that always run and the named ones, such as one rule of data.strip alone. */
export function cleanArticleWith(article: ArticleText, names: readonly string[]): CleanedArticle {
  return applyRules(article, (rule) => rule.when === 'always' || names.includes(rule.name));
}

function applyRules(article: ArticleText, isUsed: (rule: CleaningRule) => boolean): CleanedArticle {
  let { title, text } = article;
  const applied: string[] = [];
  for (const rule of cleaningRules) {
    if (!isUsed(rule)) continue;
    const newTitle = rule.fields.includes('title') ? rule.apply(title) : title;
    const newText = rule.fields.includes('text') ? rule.apply(text) : text;
    if (newTitle !== title || newText !== text) applied.push(rule.name);
    title = newTitle;
    text = newText;
  }
  return { article: { title: collapseWhiteSpace(title), text: collapseWhiteSpace(text) }, applied };
}
