// Hashes the words of a text without allocating strings for them. Words are lower-cased and consist of letters and
// digits; punctuation is dropped ("Trump's" = "Trumps"). Each character counts as a word in scripts without spaces: Chinese,
// Japanese, Thai, Lao, Burmese, Khmer; and in Korean.
import { hash32 } from '../../foundation/core/index.ts';

const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;
const APOSTROPHES = new Set([0x27, 0x2019, 0x2bc]);

/** A growing buffer of hashes; reuse one buffer for many texts. */
export interface WordHashes {
  hashes: Int32Array;
  /** The offset behind the last character of each word in the lower-cased text. */
  ends: Int32Array;
  /** The offset of the first character of each word. */
  starts: Int32Array;
  count: number;
}

export function createWordHashes(): WordHashes {
  return {
    hashes: new Int32Array(4096),
    ends: new Int32Array(4096),
    starts: new Int32Array(4096),
    count: 0,
  };
}

/** Fills `out` with the hashes of the words of `text`. */
export function fillWordHashes(text: string, out: WordHashes): void {
  const lower = text.toLowerCase();
  out.count = 0;
  let hash = FNV_OFFSET;
  let start = -1;
  const flush = (end: number): void => {
    if (start === -1) return;
    if (out.count === out.hashes.length) grow(out);
    out.hashes[out.count] = hash32(hash) | 0;
    out.starts[out.count] = start;
    out.ends[out.count++] = end;
    hash = FNV_OFFSET;
    start = -1;
  };
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    if (isLetterOrDigit(code)) {
      const alone = isUnspaced(code);
      if (alone) flush(i);
      if (start === -1) start = i;
      hash = Math.imul(hash ^ code, FNV_PRIME);
      if (alone) flush(i + 1);
    } else if (!APOSTROPHES.has(code)) flush(i);
  }
  flush(lower.length);
}

function grow(words: WordHashes): void {
  for (const name of ['hashes', 'starts', 'ends'] as const) {
    const grown = new Int32Array(words[name].length * 2);
    grown.set(words[name]);
    words[name] = grown;
  }
}

export function isLetterOrDigit(code: number): boolean {
  if (code < 0x80) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  if (code < 0xc0) return code === 0xaa || code === 0xb5 || code === 0xba;
  if (code === 0xd7 || code === 0xf7) return false;
  if (code >= 0x2000 && code <= 0x2bff) return false; // punctuation, currency, arrows, mathematics, symbols
  return !(
    (code >= 0x3000 && code <= 0x3004) ||
    (code >= 0x3008 && code <= 0x3020) ||
    (code >= 0xff00 && code <= 0xff0f)
  );
}

/** True for Thai, Lao, Burmese, Khmer, Kana, CJK ideographs and Hangul. */
export function isUnspaced(code: number): boolean {
  return (
    (code >= 0x0e00 && code <= 0x0eff) ||
    (code >= 0x1000 && code <= 0x109f) ||
    (code >= 0x1780 && code <= 0x17ff) ||
    (code >= 0x3040 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7af) ||
    (code >= 0xf900 && code <= 0xfaff)
  );
}

/** Hashes the whole sequence of words to [high, low], 32 bits each. */
export function hashSequence(words: WordHashes): readonly [number, number] {
  let high = 0x9e3779b9 | 0;
  let low = 0x243f6a88 | 0;
  for (let i = 0; i < words.count; i++) {
    const word = words.hashes[i] ?? 0;
    high = Math.imul(high ^ word, 0x85ebca6b);
    high = (high << 13) | (high >>> 19);
    low = Math.imul(low, 31) + hash32(word + i);
    low |= 0;
  }
  return [hash32(high), hash32(low)];
}
