// Lists marks of how an article was published, as opposed to what it says. Each cleaning rule is a mark too: "this rule
// would change the article".

import type { ArticleText } from '../../../foundation/records/index.ts';
import { cleaningRules } from '../../../text/clean/index.ts';

export interface Feature {
  readonly name: string;
  readonly summary: string;
  readonly has: (article: ArticleText) => boolean;
}

const feature = (name: string, summary: string, has: Feature['has']): Feature => ({ name, summary, has });

export const features: readonly Feature[] = [
  feature('title-empty', 'no title', ({ title }) => title.trim() === ''),
  feature('title-capitals', 'a word of four or more capitals in the title', ({ title }) =>
    /\p{Lu}{4}/u.test(title),
  ),
  feature('title-quotes', 'a quotation mark of any kind in the title', ({ title }) => /["'“”‘’]/.test(title)),
  feature('title-exclamation', 'an exclamation or question mark in the title', ({ title }) =>
    /[!?]/.test(title),
  ),
  feature('title-brackets', 'brackets in the title', ({ title }) => /[([]/.test(title)),
  feature('title-colon', 'a colon in the title', ({ title }) => title.includes(':')),
  feature('title-every-word-capital', 'nearly every word of the title starts with a capital', ({ title }) =>
    isTitleCase(title),
  ),
  feature('curly-quotes', 'curly quotes in the text', ({ text }) => /[“”‘’]/.test(text)),
  feature('straight-quotes', 'straight double quotes in the text', ({ text }) => text.includes('"')),
  feature('apostrophes', 'straight apostrophes in the text', ({ text }) => text.includes("'")),
  feature('non-ascii', 'any character beyond ASCII in the text', ({ text }) => /[^\x00-\x7f]/.test(text)),
  feature('line-breaks', 'line breaks in the text', ({ text }) => text.includes('\n')),
  feature('double-spaces', 'double spaces in the text', ({ text }) => text.includes('  ')),
  feature('text-exclamation', 'an exclamation mark in the text', ({ text }) => text.includes('!')),
  feature('handles', 'an @name in the text', ({ text }) => /@\w/.test(text)),
  feature('hashtags', 'a #tag in the text', ({ text }) => /#\p{L}/u.test(text)),
  feature('text-capitals', 'a word of six or more capitals in the text', ({ text }) =>
    /\p{Lu}{6}/u.test(text),
  ),
  feature('short-text', 'fewer than 400 characters of text', ({ text }) => text.length < 400),
];

const STRIP_RULES = cleaningRules.filter((rule) => rule.when === 'strip' && rule.name !== 'typography');

/** The cleaning rules as marks of raw articles; cleaned articles no longer have them. */
export const ruleFeatures: readonly { readonly name: string; readonly summary: string }[] = STRIP_RULES.map(
  ({ name, summary }) => ({ name: `rule:${name}`, summary: `cleaning rule ${name} (${summary})` }),
);

function isTitleCase(title: string): boolean {
  const words = title.match(/\p{L}[\p{L}'’]{3,}/gu) ?? [];
  return words.length >= 3 && words.filter((word) => /^\p{Lu}/u.test(word)).length >= 0.9 * words.length;
}
