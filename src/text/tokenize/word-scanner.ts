// Splits a text into BERT's words, normalised, in one pass. Most text needs no more than a table look-up per UTF-16
// unit; a stretch between two delimiters that holds anything harder (a mark, something that decomposes, a surrogate,
// a control character) is normalised in full by bert-normalizer.ts. That may be done stretch by stretch because a
// delimiter is a starter: no reordering of marks crosses it.
import { type NormalizerOptions, normalizeAligned } from './bert-normalizer.ts';
import {
  DOES_COMBINE,
  DOES_DECOMPOSE,
  HAS_LOWER,
  IS_CHINESE,
  IS_DROPPED,
  IS_MARK,
  IS_PUNCTUATION,
  IS_SPACE,
  loadUnicodeTables,
} from './unicode.ts';
import { MAX_WORD_CODE_POINTS } from './vocabulary.ts';

/** A token that is taken whole from the raw text, before normalisation: "[SEP]" written in an article is [SEP]. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
}

/** Receives the words in order; returns false to stop the scan. */
export interface WordSink {
  /** @param units  [0, length) of the word; reused by the next one. Words beyond 100 code points come cut to 101. */
  word(units: Uint16Array, length: number, codePoints: number): boolean;
  added(id: number): boolean;
}

export interface WordScanner {
  readonly options: NormalizerOptions;
  /** Scans `text`. @returns false when the sink stopped it */
  scan(text: string, sink: WordSink): boolean;
  /** The added token that begins at `at`, if any; the longest where several do. */
  findAdded(text: string, at: number): AddedToken | undefined;
}

const WORD = 0;
const SPACE = 1;
const ALONE = 2;
const HARD = 3;
const MAYBE_ADDED = 4;

/** Units of a word that are kept: one code point more than is ever matched, so that too long a word shows. */
const WORD_UNITS = (MAX_WORD_CODE_POINTS + 1) * 2;

export function createWordScanner(
  options: NormalizerOptions,
  addedTokens: readonly AddedToken[],
): WordScanner {
  const { kinds, lower } = classifyUnits(options);
  const plainKinds = kinds.slice();
  const added = [...addedTokens].sort((a, b) => b.content.length - a.content.length);
  for (const token of added) kinds[token.content.charCodeAt(0)] = MAYBE_ADDED;
  const findAdded = (text: string, at: number): AddedToken | undefined =>
    kinds[text.charCodeAt(at)] === MAYBE_ADDED
      ? added.find((token) => text.startsWith(token.content, at))
      : undefined;
  const units = new Uint16Array(WORD_UNITS);

  const scanHard = (text: string, from: number, to: number, sink: WordSink): boolean => {
    const { codePoints } = normalizeAligned(text, from, to, options);
    return splitWords(codePoints, (start, end) => {
      let length = 0;
      for (let i = start; i < end && length < WORD_UNITS - 1; i++)
        length = writeCodePoint(units, length, codePoints[i]!);
      return sink.word(units, length, end - start);
    });
  };

  /** Hands over what lies between the last delimiter and `end`. */
  const flush = (
    text: string,
    from: number,
    end: number,
    length: number,
    isHard: boolean,
    sink: WordSink,
  ): boolean => {
    if (isHard) return scanHard(text, from, end, sink);
    return length === 0 || sink.word(units, length, end - from);
  };

  const scan = (text: string, sink: WordSink): boolean => {
    let start = 0;
    let length = 0;
    let isHard = false;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      let kind = kinds[unit]!;
      let token: AddedToken | undefined;
      if (kind === MAYBE_ADDED) {
        token = findAdded(text, at);
        kind = token === undefined ? plainKinds[unit]! : SPACE;
      }
      if (kind === WORD) {
        if (length < WORD_UNITS) units[length++] = lower[unit]!;
        continue;
      }
      if (kind === HARD) {
        isHard = true;
        continue;
      }
      if ((length > 0 || isHard) && !flush(text, start, at, length, isHard, sink)) return false;
      length = 0;
      isHard = false;
      if (kind === ALONE) {
        units[0] = unit;
        if (!sink.word(units, 1, 1)) return false;
      } else if (token !== undefined) {
        if (!sink.added(token.id)) return false;
        at += token.content.length - 1;
      }
      start = at + 1;
    }
    return flush(text, start, text.length, length, isHard, sink);
  };
  return { options, scan, findAdded };
}

/**
 * Calls `visit` with each word [start, end) of normalised code points: white space parts, punctuation stands alone.
 * @returns false when `visit` did
 */
export function splitWords(
  codePoints: readonly number[],
  visit: (start: number, end: number) => boolean,
): boolean {
  const { flags } = loadUnicodeTables();
  let start = 0;
  for (let i = 0; i <= codePoints.length; i++) {
    const flag = i === codePoints.length ? IS_SPACE : flags[codePoints[i]!]!;
    if ((flag & (IS_SPACE | IS_PUNCTUATION)) === 0) continue;
    if (i > start && !visit(start, i)) return false;
    if ((flag & IS_PUNCTUATION) !== 0 && !visit(i, i + 1)) return false;
    start = i + 1;
  }
  return true;
}

/** Writes a code point as UTF-16. @returns the new length */
export function writeCodePoint(units: Uint16Array, length: number, codePoint: number): number {
  if (codePoint <= 0xffff) {
    units[length] = codePoint;
    return length + 1;
  }
  units[length] = 0xd800 + ((codePoint - 0x10000) >> 10);
  units[length + 1] = 0xdc00 + ((codePoint - 0x10000) & 0x3ff);
  return length + 2;
}

/** What a UTF-16 unit is to the fast pass, and its lower case. */
function classifyUnits(options: NormalizerOptions): { kinds: Uint8Array; lower: Uint16Array } {
  const tables = loadUnicodeTables();
  const kinds = new Uint8Array(0x10000);
  const lower = new Uint16Array(0x10000);
  const hard = IS_DROPPED | IS_MARK | DOES_DECOMPOSE | DOES_COMBINE;
  for (let unit = 0; unit < 0x10000; unit++) {
    const flag = tables.flags[unit]!;
    const small = options.lowercase && (flag & HAS_LOWER) !== 0 ? tables.lowerCase(unit) : [unit];
    lower[unit] = small[0]!;
    if ((flag & hard) !== 0 || small.length > 1 || small[0]! > 0xffff) kinds[unit] = HARD;
    else if ((flag & IS_SPACE) !== 0) kinds[unit] = SPACE;
    else if ((flag & IS_PUNCTUATION) !== 0 || (options.spaceChinese && (flag & IS_CHINESE) !== 0))
      kinds[unit] = ALONE;
    else kinds[unit] = WORD;
  }
  return { kinds, lower };
}
