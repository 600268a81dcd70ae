// Lists marks of how an article was published, as opposed to what it says. Each cleaning rule is a mark too: "this rule
// would change the article"; and so is each sign of punctuation, which is found in the articles, not listed here.

import type { ArticleText } from '../../../foundation/records/index.ts';
import { cleaningRules } from '../../../text/clean/index.ts';

/** Where an article shows a mark: for an example. */
export interface Place {
  readonly field: 'title' | 'text';
  readonly at: number;
}

export interface ArticleMark {
  readonly name: string;
  readonly summary: string;
  /** Whether it is gone in lower case. */
  readonly needsCase: boolean;
  /** null: the article does not have the mark. */
  readonly find: (article: ArticleText) => Place | null;
}

/** A mark that a pattern finds. */
function pattern(
  name: string,
  summary: string,
  field: Place['field'],
  regex: RegExp,
  needsCase = false,
): ArticleMark {
  const find = (article: ArticleText): Place | null => {
    const at = article[field].search(regex);
    return at === -1 ? null : { field, at };
  };
  return { name, summary, needsCase, find };
}

const atStart = (is: boolean, field: Place['field']): Place | null => (is ? { field, at: 0 } : null);

export const articleMarks: readonly ArticleMark[] = [
  {
    ...{ name: 'title-empty', summary: 'no title', needsCase: false },
    find: ({ title }) => atStart(title.trim() === '', 'title'),
  },
  pattern('title-capitals', 'a word of four or more capitals in the title', 'title', /\p{Lu}{4}/u, true),
  pattern('title-quotes', 'a quotation mark of any kind in the title', 'title', /["'“”‘’«»„]/),
  pattern('title-exclamation', 'an exclamation or question mark in the title', 'title', /[!?！？]/),
  pattern('title-brackets', 'brackets in the title', 'title', /[([（［【]/),
  pattern('title-colon', 'a colon in the title', 'title', /[:：]/),
  {
    ...{ name: 'title-every-word-capital', needsCase: true },
    summary: 'nearly every word of the title starts with a capital',
    find: ({ title }) => atStart(isTitleCase(title), 'title'),
  },
  pattern('curly-quotes', 'curly quotes in the text', 'text', /[“”‘’]/),
  pattern('straight-quotes', 'straight double quotes in the text', 'text', /"/),
  pattern('apostrophes', 'straight apostrophes in the text', 'text', /'/),
  pattern('non-ascii', 'any character beyond ASCII in the text', 'text', /[^\x00-\x7f]/),
  pattern('line-breaks', 'line breaks in the text', 'text', /\n/),
  pattern('double-spaces', 'double spaces in the text', 'text', / {2}/),
  pattern('text-exclamation', 'an exclamation mark in the text', 'text', /!/),
  pattern('handles', 'an @name in the text', 'text', /@\w/),
  pattern('hashtags', 'a #tag in the text', 'text', /#\p{L}/u),
  pattern('text-capitals', 'a word of six or more capitals in the text', 'text', /\p{Lu}{6}/u, true),
  {
    ...{ name: 'no-final-stop', summary: 'no sign of punctuation at the end of the text', needsCase: false },
    find: ({ text }) =>
      text !== '' && !/[\p{P}\p{S}]$/u.test(text.trimEnd().slice(-2))
        ? { field: 'text', at: text.length }
        : null,
  },
  pattern('markup', 'a tag or an entity of HTML in the text', 'text', /<\/?[a-z][^<>]{0,200}>|&#?\w{2,8};/i),
  pattern('web-address', 'a web address in the text', 'text', /https?:\/\/|www\.|\.(?:com|org|net)\b/i),
  {
    ...{ name: 'wrong-encoding', summary: 'characters of a wrong encoding (Ã¼, â€™, �)', needsCase: false },
    find: ({ title, text }) => atStart(hasWrongEncoding(title) || hasWrongEncoding(text), 'text'),
  },
  {
    ...{ name: 'short-text', summary: 'fewer than 400 characters of text', needsCase: false },
    find: ({ text }) => atStart(text.length < 400, 'text'),
  },
];

const STRIP_RULES = cleaningRules.filter((rule) => rule.when === 'strip' && rule.name !== 'typography');

/** The cleaning rules as marks of raw articles; cleaned articles no longer have them. */
export const ruleMarks: readonly { readonly name: string; readonly summary: string }[] = STRIP_RULES.map(
  ({ name, summary }) => ({ name: `rule:${name}`, summary: `cleaning rule ${name} (${summary})` }),
);

function isTitleCase(title: string): boolean {
  const words = title.match(/\p{L}[\p{L}'’]{3,}/gu) ?? [];
  return words.length >= 3 && words.filter((word) => /^\p{Lu}/u.test(word)).length >= 0.9 * words.length;
}

/** UTF-8 that was read in an encoding with one byte for each character, or that lost bytes. */
export function hasWrongEncoding(text: string): boolean {
  return text.includes('\ufffd') || /Ã[\u0080-\u00bf]|â€[\u0080-\u00ff™œ˜¦“”]|Â[\u00a0-\u00bf]/.test(text);
}
