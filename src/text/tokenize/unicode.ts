// Facts about code points that the normalisers need, from our own tables (unicode-tables.ts): the Unicode version of
// this Node is another. Decoded on first use: 1.1 MB, about 2 ms.
import {
  CHINESE,
  COMBINING,
  DECOMPOSES,
  DROPPED,
  LOWER,
  MARK,
  PUNCTUATION,
  SPACE,
} from './unicode-tables.ts';

/** Bits of `codePointFlags`. */
export const IS_DROPPED = 1;
export const IS_SPACE = 2;
export const IS_CHINESE = 4;
export const IS_MARK = 8;
export const IS_PUNCTUATION = 16;
export const DOES_DECOMPOSE = 32;
export const HAS_LOWER = 64;
export const DOES_COMBINE = 128;

const CODE_POINTS = 0x110000;
const CAPITAL_I_WITH_DOT = 0x130;

export interface UnicodeTables {
  /** [0x110000] bits of what a code point is. */
  readonly flags: Uint8Array;
  /** Canonical combining class; 0 for most. */
  combiningClass(codePoint: number): number;
  /** Lower case without context (a final sigma stays σ); U+0130 alone gives two. */
  lowerCase(codePoint: number): readonly number[];
  /** Full canonical decomposition. */
  decompose(codePoint: number): readonly number[];
}

let decoded: UnicodeTables | undefined;

/** The tables, decoded once per process. */
export function loadUnicodeTables(): UnicodeTables {
  decoded ??= decodeTables();
  return decoded;
}

function decodeTables(): UnicodeTables {
  const flags = new Uint8Array(CODE_POINTS);
  markSet(flags, DROPPED, IS_DROPPED);
  markSet(flags, SPACE, IS_SPACE);
  markSet(flags, CHINESE, IS_CHINESE);
  markSet(flags, MARK, IS_MARK);
  markSet(flags, PUNCTUATION, IS_PUNCTUATION);
  markSet(flags, DECOMPOSES, DOES_DECOMPOSE);
  const combining = parseRuns(COMBINING);
  const lower = new Map<number, readonly number[]>();
  for (const [codePoint, difference] of parseRuns(LOWER)) lower.set(codePoint, [codePoint + difference]);
  lower.set(CAPITAL_I_WITH_DOT, [0x69, 0x307]);
  for (const codePoint of lower.keys()) flags[codePoint]! |= HAS_LOWER;
  for (const codePoint of combining.keys()) flags[codePoint]! |= DOES_COMBINE;
  // A lone surrogate cannot be written in UTF-8; like U+FFFD, which it would become, it is dropped.
  for (let unit = 0xd800; unit <= 0xdfff; unit++) flags[unit] = IS_DROPPED;
  return {
    flags,
    combiningClass: (codePoint) => combining.get(codePoint) ?? 0,
    lowerCase: (codePoint) => lower.get(codePoint) ?? [codePoint],
    decompose: (codePoint) => {
      if ((flags[codePoint]! & DOES_DECOMPOSE) === 0) return [codePoint];
      return Array.from(String.fromCodePoint(codePoint).normalize('NFD'), (c) => c.codePointAt(0)!);
    },
  };
}

function parseNumbers(table: string): number[] {
  return table.split(' ').map((digits) => Number.parseInt(digits, 36));
}

function markSet(flags: Uint8Array, table: string, bit: number): void {
  const numbers = parseNumbers(table);
  let at = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    at += numbers[i]!;
    for (const end = at + numbers[i + 1]!; at < end; at++) flags[at]! |= bit;
  }
}

function parseRuns(table: string): Map<number, number> {
  const numbers = parseNumbers(table);
  const values = new Map<number, number>();
  let at = 0;
  for (let i = 0; i < numbers.length; i += 4) {
    const [gap, count, step, value] = numbers.slice(i, i + 4) as [number, number, number, number];
    at += gap;
    for (let n = 0; n < count; n++, at += step) values.set(at, value);
    at += 1 - step;
  }
  return values;
}
