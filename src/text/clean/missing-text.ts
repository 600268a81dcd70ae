// Finds articles that hold no text to predict: nothing but web or mail addresses, datelines, signs or emoji. It looks at what
// people paste, so it goes further than the cleaning rules, and it changes nothing: the caller refuses the article.
import type { ArticleText } from '../../foundation/records/index.ts';
import { cleanArticle } from './clean-article.ts';

/** What an article without text holds instead. */
export type MissingText = 'empty' | 'address' | 'signs' | 'give-aways' | 'word';

export interface TextNeeds {
  /** Look at the article without datelines, credits and other give-aways. */
  readonly strip: boolean;
  /** Fewest words of an article. */
  readonly words: number;
  /** Fewest words beside an address: buttons for sharing add some ("Read more:", "via"). */
  readonly wordsBesideAddress: number;
}

/** With this many words an article has a text, whatever cleaning removes: no rule removes as many from a short text. */
const ENOUGH_WORDS = 120;
/** Characters of each field that are cleaned for the check; a longer article with few words is a list of addresses. */
const CLEANED_CHARS = 20_000;

const PIECE = /[^\s<>[\]"|]+/g;
// A tag of HTML; addresses inside ("<a href=…>", "<https://…>") are kept as pieces of their own.
const TAG = /<[/a-z!][^<>]{0,2000}>/gi;
const ADDRESS_IN_TAG =
  /(?:[a-z][a-z\d+.-]{1,20}:\/\/|www\.|mailto:)[^\s<>"']+|[^\s<>"'@]+@[^\s<>"'@]+\.\p{L}+/giu;
const AROUND = /^[(){}'’‘“”„«»`*_~.,;:!?…-]+|[(){}'’‘“”„«»`*_~.,;:!?…-]+$/g;
const SCHEME = /^(?:[a-z][a-z\d+.-]{1,20}:\/\/|mailto:|tel:|www\.|doi:)/i;
// Not "resumes.It": a full stop without a space behind it.
const DOMAIN =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:[\p{Ll}\p{Lo}]{2,24}|\p{Lu}{2,24})(?::\d{1,5})?(?:[/?#]\S*)?$/u;
const MAIL = /^[^\s@]{1,64}@[^\s@]+\.\p{L}{2,24}$/u;
// What is left of an address that was broken into lines: "?utm_source=mail", "fbclid=IwAR0", "/2026/03/story.html".
const QUERY = /^[?&#]|^[\w.-]{1,40}=\S*$|^\/\S*$/;
const HANDLE = /^@[\p{L}\p{N}_.]{1,40}$/u;
const LETTER = /\p{L}/u;
/** Scripts without spaces between words, in which about two characters make a word. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/gu;
const CHARS_PER_WORD = 2;
// "BERLIN (dpa)", "Port Aldane, 3 March (AC)" and nothing behind it.
const DATELINE_ONLY = /^(?:[\p{Lu}\d][\p{L}\p{M}\p{N} .,'’/-]{0,80})?\([^()\n]{1,40}\)\s?[-–—:]{0,2}$/u;

/** What `article` holds instead of a text; null if it has one. Time is linear in its length. */
export function findMissingText(article: ArticleText, needs: TextNeeds): MissingText | null {
  const raw = countWords(`${article.title}\n${article.text}`);
  if (raw.words >= ENOUGH_WORDS) return null;
  const needed = raw.hasAddress ? needs.wordsBesideAddress : needs.words;
  const isLong = Math.max(article.title.length, article.text.length) > CLEANED_CHARS;
  const rest = !needs.strip || isLong || raw.words === 0 ? raw : countWords(stripArticle(article));
  return rest.words < needed ? nameGap(raw, rest) : null;
}

function stripArticle(article: ArticleText): string {
  const { title, text } = cleanArticle(article, { strip: true }).article;
  return `${title}\n${DATELINE_ONLY.test(text) ? '' : text}`;
}

interface WordCount {
  readonly words: number;
  readonly hasAddress: boolean;
  readonly isEmpty: boolean;
}

function nameGap(raw: WordCount, rest: WordCount): MissingText {
  if (raw.isEmpty) return 'empty';
  if (raw.hasAddress) return 'address';
  if (raw.words === 0) return 'signs';
  return rest.words === 0 ? 'give-aways' : 'word';
}

/** Counts words that are no part of an address; it stops at ENOUGH_WORDS. */
function countWords(text: string): WordCount {
  let [words, hasAddress, isEmpty] = [0, false, true];
  const plain = text.includes('<')
    ? text.replace(TAG, (tag) => ` ${(tag.match(ADDRESS_IN_TAG) ?? []).join(' ')} `)
    : text;
  for (const [piece] of plain.matchAll(PIECE)) {
    isEmpty = false;
    const bare = piece.replace(AROUND, '');
    if (SCHEME.test(bare) || DOMAIN.test(bare) || MAIL.test(bare)) hasAddress = true;
    else if (!QUERY.test(piece) && !HANDLE.test(bare) && LETTER.test(bare)) words += weighWord(bare);
    if (words >= ENOUGH_WORDS) break;
  }
  return { words, hasAddress, isEmpty };
}

function weighWord(piece: string): number {
  const unspaced = piece.match(UNSPACED)?.length ?? 0;
  return Math.max(1, Math.ceil(unspaced / CHARS_PER_WORD));
}
