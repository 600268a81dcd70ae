// BERT's text normalisation with alignment: clean, space out Chinese characters, strip accents (NFD, then without
// non-spacing marks), lower case; every code point of the result knows the span of the original it came from.
// The surprising thing: where NFD reorders marks, the spans follow the rule of the Rust library `tokenizers` (a code
// point added by a decomposition takes the span before the reading position, any other takes the next span), so that
// offsets agree with it even there. Source: behaviour of tokenizers 0.23.3, BertNormalizer.
import { IS_CHINESE, IS_DROPPED, IS_MARK, IS_SPACE, loadUnicodeTables } from './unicode.ts';

export interface NormalizerOptions {
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  readonly spaceChinese: boolean;
}

/** Code points, and for each the span [start, end) of UTF-16 units of the original it came from. */
export interface AlignedText {
  codePoints: number[];
  starts: number[];
  ends: number[];
}

const SPACE = 0x20;

/** Normalises `text[from, to)`; spans are positions in `text`. */
export function normalizeAligned(
  text: string,
  from: number,
  to: number,
  options: NormalizerOptions,
): AlignedText {
  let aligned = cleanText(text, from, to, options.spaceChinese);
  if (options.stripAccents) aligned = stripAccents(aligned, from);
  return options.lowercase ? lowerCase(aligned) : aligned;
}

function cleanText(text: string, from: number, to: number, spaceChinese: boolean): AlignedText {
  const { flags } = loadUnicodeTables();
  const out: AlignedText = { codePoints: [], starts: [], ends: [] };
  for (let at = from; at < to; ) {
    // A pair cut in two by `to` would be read whole; callers cut between code points.
    const codePoint = text.codePointAt(at)!;
    const next = at + (codePoint > 0xffff ? 2 : 1);
    const flag = flags[codePoint]!;
    if ((flag & IS_DROPPED) === 0) {
      const isChinese = spaceChinese && (flag & IS_CHINESE) !== 0;
      if (isChinese) push(out, SPACE, at, next);
      push(out, (flag & IS_SPACE) !== 0 ? SPACE : codePoint, at, next);
      if (isChinese) push(out, SPACE, at, next);
    }
    at = next;
  }
  return out;
}

function stripAccents(input: AlignedText, from: number): AlignedText {
  const { flags } = loadUnicodeTables();
  const out: AlignedText = { codePoints: [], starts: [], ends: [] };
  let read = 0;
  for (const { codePoint, added } of decomposeInOrder(input.codePoints)) {
    const source = added ? read - 1 : read++;
    if ((flags[codePoint]! & IS_MARK) !== 0) continue;
    push(out, codePoint, input.starts[source] ?? from, input.ends[source] ?? from);
  }
  return out;
}

export interface Decomposed {
  readonly codePoint: number;
  /** True for all but the first code point of a decomposition. */
  readonly added: boolean;
  readonly order: number;
}

/** NFD: decomposes each code point, then sorts each run of marks by combining class, stably. */
export function decomposeInOrder(codePoints: readonly number[]): Decomposed[] {
  const tables = loadUnicodeTables();
  const out: Decomposed[] = [];
  let runStart = 0;
  let isSorted = true;
  const endRun = (): void => {
    if (isSorted) return;
    for (const item of out.splice(runStart).sort((a, b) => a.order - b.order)) out.push(item);
    isSorted = true;
  };
  for (const whole of codePoints) {
    tables.decompose(whole).forEach((codePoint, index) => {
      const order = tables.combiningClass(codePoint);
      if (order === 0) endRun();
      else if (out.length > runStart && order < out[out.length - 1]!.order) isSorted = false;
      out.push({ codePoint, added: index > 0, order });
      if (order === 0) runStart = out.length;
    });
  }
  endRun();
  return out;
}

function lowerCase(input: AlignedText): AlignedText {
  const tables = loadUnicodeTables();
  const out: AlignedText = { codePoints: [], starts: [], ends: [] };
  for (let i = 0; i < input.codePoints.length; i++) {
    for (const codePoint of tables.lowerCase(input.codePoints[i]!)) {
      push(out, codePoint, input.starts[i]!, input.ends[i]!);
    }
  }
  return out;
}

function push(out: AlignedText, codePoint: number, start: number, end: number): void {
  out.codePoints.push(codePoint);
  out.starts.push(start);
  out.ends.push(end);
}
