// Cleans one article. The same function runs when a dataset is prepared and when an article is predicted, so that a model
// always reads text that was cleaned as in its training.
import type { ArticleText } from '../../foundation/records/index.ts';
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
  let { title, text } = article;
  const applied: string[] = [];
  for (const rule of cleaningRules) {
    if (rule.when === 'strip' && !options.strip) continue;
    const newTitle = rule.fields.includes('title') ? rule.apply(title) : title;
    const newText = rule.fields.includes('text') ? rule.apply(text) : text;
    if (newTitle !== title || newText !== text) applied.push(rule.name);
    title = newTitle;
    text = newText;
  }
  return { article: { title: collapseWhiteSpace(title), text: collapseWhiteSpace(text) }, applied };
}
