// Divides a text into words, numbers and single symbols, each with a hash and a form (case, digits, which symbol): the form
// is what is left of a text whose words are hidden. Where scripts have no spaces, each character is a word.
import { hash32 } from '../../../foundation/core/index.ts';
import { isLetterOrDigit, isUnspaced } from '../word-hashes.ts';

const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;

/** A growing buffer; reuse one buffer for many texts. */
export interface Tokens {
  count: number;
  /** Hash of the token in lower case. */
  hashes: Int32Array;
  /** A form, or the UTF-16 code of a symbol. */
  forms: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
}

/** Forms of words and numbers; smaller than any symbol's code. */
export const FORMS = {
  lower: 1,
  capitalised: 2,
  capitals: 3,
  mixed: 4,
  digits: 5,
  digitsAndLetters: 6,
  single: 7,
} as const;
/** Line breaks and double spaces have forms beyond all codes. */
export const LINE_BREAK = 0x10000;
export const DOUBLE_SPACE = 0x10001;

export function createTokens(): Tokens {
  const buffer = (): Int32Array => new Int32Array(4096);
  return { count: 0, hashes: buffer(), forms: buffer(), starts: buffer(), ends: buffer() };
}

/** Fills `out` with the tokens of `text`. */
export function fillTokens(text: string, out: Tokens): void {
  const lower = text.toLowerCase();
  const original = lower.length === text.length ? text : lower;
  out.count = 0;
  let start = -1;
  let hash = FNV_OFFSET;
  let letters = 0;
  let capitals = 0;
  let digits = 0;
  let isFirstCapital = false;
  const push = (value: number, form: number, from: number, to: number): void => {
    if (out.count === out.hashes.length) grow(out);
    out.hashes[out.count] = hash32(value) | 0;
    out.forms[out.count] = form;
    out.starts[out.count] = from;
    out.ends[out.count++] = to;
  };
  const flush = (end: number): void => {
    if (start === -1) return;
    push(hash, formOf(letters, capitals, digits, isFirstCapital), start, end);
    start = -1;
    hash = FNV_OFFSET;
    letters = 0;
    capitals = 0;
    digits = 0;
    isFirstCapital = false;
  };
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    if (isLetterOrDigit(code)) {
      const alone = isUnspaced(code);
      if (alone) flush(i);
      const isCapital = original.charCodeAt(i) !== code;
      if (start === -1) {
        start = i;
        isFirstCapital = isCapital;
      }
      if (code >= 48 && code <= 57) digits++;
      else letters++;
      if (isCapital) capitals++;
      hash = Math.imul(hash ^ code, FNV_PRIME);
      if (alone) flush(i + 1);
      continue;
    }
    flush(i);
    if (code === 0x0a) push(LINE_BREAK, LINE_BREAK, i, i + 1);
    else if (code === 0x20 || code === 0x09 || code === 0x0d) {
      if (code === 0x20 && lower.charCodeAt(i + 1) === 0x20) push(DOUBLE_SPACE, DOUBLE_SPACE, i, i + 1);
    } else push(code, code, i, i + 1);
  }
  flush(lower.length);
}

function formOf(letters: number, capitals: number, digits: number, isFirstCapital: boolean): number {
  if (digits > 0) return letters === 0 ? FORMS.digits : FORMS.digitsAndLetters;
  if (capitals === 0) return FORMS.lower;
  if (letters === 1) return FORMS.single;
  if (capitals === letters) return FORMS.capitals;
  return isFirstCapital && capitals === 1 ? FORMS.capitalised : FORMS.mixed;
}

function grow(tokens: Tokens): void {
  for (const name of ['hashes', 'forms', 'starts', 'ends'] as const) {
    const grown = new Int32Array(tokens[name].length * 2);
    grown.set(tokens[name]);
    tokens[name] = grown;
  }
}

/** True for punctuation and signs, false for words, numbers, line breaks and double spaces. */
export function isSymbol(form: number): boolean {
  return form > 8 && form < LINE_BREAK;
}
