// The cleaning of clean-article.ts, with the place in the original that each character came from: slower, for
// explanations, which point into the article as it was sent.
import type { ArticleText } from '../../foundation/records/index.ts';
import { cleaningRules } from './rules.ts';
import { mapChange, mapUnchanged, type TextMap } from './text-map.ts';
import { collapseWhiteSpace } from './white-space.ts';

export interface TracedArticle {
  readonly title: TextMap;
  readonly text: TextMap;
}

/** The same title and text as `cleanArticle` gives, traced back to `article`. */
export function traceCleaning(article: ArticleText, options: { readonly strip: boolean }): TracedArticle {
  const trace = (field: 'title' | 'text'): TextMap => {
    let map = mapUnchanged(article[field]);
    for (const rule of cleaningRules) {
      if (rule.when === 'strip' && !options.strip) continue;
      if (rule.fields.includes(field)) map = mapChange(map, rule.apply(map.text));
    }
    return mapChange(map, collapseWhiteSpace(map.text));
  };
  return { title: trace('title'), text: trace('text') };
}
