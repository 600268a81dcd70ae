// The `normalizer` of a tokenizer.json for BPE and Unigram models: Unicode forms, SentencePiece's character map, lower
// case, trimming and replacing. Each keeps the spans of the original. A kind that is not understood is refused.
// Source: behaviour of tokenizers 0.23.3.
import { z } from 'zod';
import { type Decomposed, decomposeInOrder } from './bert-normalizer.ts';
import { parseCharacterMap } from './character-map.ts';
import { type NormalizedText, type Replacement, replaceParts, sliceText } from './normalized-text.ts';
import { DOES_DECOMPOSE, loadUnicodeTables } from './unicode.ts';

export type TextNormalizer = (input: NormalizedText) => NormalizedText;

/** Refuses what was found. @returns never; the caller throws what it makes */
export type Refuse = (expected: string, got: string) => Error;

type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

const normalizerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('NFC') }),
  z.strictObject({ type: z.literal('NFD') }),
  z.strictObject({ type: z.literal('NFKC') }),
  z.strictObject({ type: z.literal('NFKD') }),
  z.strictObject({ type: z.literal('Lowercase') }),
  z.strictObject({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() }),
  z.strictObject({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() }),
  z.strictObject({
    type: z.literal('Replace'),
    pattern: z.union([
      z.strictObject({ String: z.string().min(1) }),
      // the one expression that converted SentencePiece models carry
      z.strictObject({ Regex: z.literal(' {2,}') }),
    ]),
    content: z.string(),
  }),
  z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(z.unknown()) }),
]);

const EXPECTED = 'a normaliser of Unicode forms, SentencePiece, lower case, Strip or Replace';

/** @throws what `refuse` makes */
export function parseNormalizer(json: unknown, refuse: Refuse): TextNormalizer {
  if (json === null || json === undefined) return (input) => input;
  const parsed = normalizerSchema.safeParse(json);
  if (!parsed.success) throw refuse(EXPECTED, nameType(json));
  const normalizer = parsed.data;
  switch (normalizer.type) {
    case 'Sequence': {
      const steps = normalizer.normalizers.map((step) => parseNormalizer(step, refuse));
      return (input) => steps.reduce((text, step) => step(text), input);
    }
    case 'Lowercase':
      return (input) => replaceParts(input, findLowerCase(input.text));
    case 'Precompiled': {
      const map = parseCharacterMap(normalizer.precompiled_charsmap);
      if (map === null) throw refuse('a character map of SentencePiece', 'other bytes');
      return (input) => replaceParts(input, map.findReplacements(input.text));
    }
    case 'Strip':
      return (input) => strip(input, normalizer.strip_left, normalizer.strip_right);
    case 'Replace': {
      const { pattern, content } = normalizer;
      const found = 'String' in pattern ? new RegExp(escapePattern(pattern.String), 'gu') : / {2,}/gu;
      return (input) => replaceParts(input, findMatches(input.text, found, content));
    }
    default: {
      const { type } = normalizer;
      return (input) => replaceParts(input, findUnicodeForm(input.text, type));
    }
  }
}

/** What a part of tokenizer.json calls itself, for a message. */
export function nameType(json: unknown): string {
  if (json === null || json === undefined) return 'none';
  const type: unknown = typeof json === 'object' && 'type' in json ? json.type : undefined;
  return typeof type === 'string' ? `${type} with other settings, or unknown` : 'a part without a type';
}

function findMatches(text: string, pattern: RegExp, content: string): Replacement[] {
  return Array.from(text.matchAll(pattern), ({ 0: match, index }) => ({
    from: index,
    to: index + match.length,
    text: content,
  }));
}

function strip(input: NormalizedText, left: boolean, right: boolean): NormalizedText {
  const start = left ? /^\p{White_Space}*/u.exec(input.text)![0].length : 0;
  const rest = input.text.slice(start);
  const end = right ? rest.length - trailingSpaces(rest) : rest.length;
  return start === 0 && end === rest.length ? input : sliceText(input, start, start + end);
}

/** Units of white space at the end of a text. */
export function trailingSpaces(text: string): number {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text[end - 1]!)) end--;
  return text.length - end;
}

/** Lower case of each code point by itself: a final sigma stays σ. */
function findLowerCase(text: string): Replacement[] {
  if (text.toLowerCase() === text) return [];
  const found: Replacement[] = [];
  let from = 0;
  for (const character of text) {
    const to = from + character.length;
    const lower = character.toLowerCase();
    if (lower !== character) found.push({ from, to, text: lower });
    from = to;
  }
  return found;
}

/** A run with a character beyond ASCII and the ASCII characters that may combine with it. */
const COMBINING_RUN = /[\0-\x7f]?[^\0-\x7f]+(?:[\0-\x7f][^\0-\x7f]+)*/gu;

/** A Unicode form grapheme by grapheme, so that spans stay short; a run where that is not the whole is one span. */
function findUnicodeForm(text: string, form: UnicodeForm): Replacement[] {
  if (text.normalize(form) === text) return [];
  const found: Replacement[] = [];
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const normalize = (part: string): string => normalizeForm(part, form);
  for (const { 0: run, index } of text.matchAll(COMBINING_RUN)) {
    if (run.normalize(form) === run) continue;
    const whole = normalize(run);
    if (whole === run) continue;
    const parts = Array.from(graphemes.segment(run), ({ segment, index: inRun }) => {
      const text = normalize(segment);
      const from = index + inRun;
      return { from, to: from + segment.length, text, isSame: text === segment };
    });
    if (parts.map((part) => part.text).join('') === whole) {
      for (const { isSame, ...part } of parts) if (!isSame) found.push(part);
    } else found.push({ from: index, to: index + run.length, text: whole });
  }
  return found;
}

/**
 * NFC and NFD by our own tables: the Rust library's Unicode is older than Node's and gives later marks no class, so it
 * leaves them where they stand.
 */
function normalizeForm(text: string, form: UnicodeForm): string {
  if (form !== 'NFC' && form !== 'NFD') return text.normalize(form);
  const points = decomposeInOrder(Array.from(text, (character) => character.codePointAt(0)!));
  const composed = form === 'NFD' ? points : composeMarks(points);
  return composed.map(({ codePoint }) => String.fromCodePoint(codePoint)).join('');
}

type OrderedPoint = Pick<Decomposed, 'codePoint' | 'order'>;

/** Canonical composition (Unicode 3.11): a mark joins the last starter unless one of its class or above lies between. */
function composeMarks(points: readonly OrderedPoint[]): OrderedPoint[] {
  const out: OrderedPoint[] = [];
  let starter = -1;
  for (const point of points) {
    const isNext = starter === out.length - 1;
    const isFree = isNext || (out[out.length - 1]!.order < point.order && out[out.length - 1]!.order !== 0);
    const whole = starter >= 0 && isFree ? composePair(out[starter]!.codePoint, point.codePoint) : undefined;
    if (whole !== undefined) out[starter] = { codePoint: whole, order: 0 };
    else {
      if (point.order === 0) starter = out.length;
      out.push(point);
    }
  }
  return out;
}

function composePair(first: number, second: number): number | undefined {
  const whole = String.fromCodePoint(first, second).normalize('NFC');
  const codePoint = whole.codePointAt(0)!;
  const isOne = whole.length === String.fromCodePoint(codePoint).length;
  return isOne && (loadUnicodeTables().flags[codePoint]! & DOES_DECOMPOSE) !== 0 ? codePoint : undefined;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
