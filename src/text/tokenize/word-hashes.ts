// Splits text into words without knowing its language, and hashes each: a word is a run of letters, digits and
// marks; every other visible character is a word of its own, and so is every character of scripts written without
// spaces. Case is folded. FNV-1a over UTF-16 units (Fowler, Noll, Vo).

const SEPARATOR = 1;
const PART_OF_WORD = 2;
const WORD_OF_ITS_OWN = 3;

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 16777619;

/** Kind of each UTF-16 unit, filled as they are met (0: not met yet). */
const kindOfUnit = new Uint8Array(0x10000);

/**
 * The hashes of the first `limit` words of `text`, in order; signed 32-bit integers.
 * @param ends  gets the end of each word in the folded text
 */
export function hashWords(text: string, limit: number, ends?: number[]): number[] {
  const folded = text.toLowerCase();
  const hashes: number[] = [];
  let hash = FNV_OFFSET;
  let inWord = false;
  for (let i = 0; i < folded.length; i++) {
    const unit = folded.charCodeAt(i);
    let kind = kindOfUnit[unit]!;
    let low = 0;
    if (unit >= 0xd800 && unit < 0xdc00) {
      const codePoint = folded.codePointAt(i)!;
      kind = classify(codePoint);
      if (codePoint > 0xffff) low = folded.charCodeAt(++i);
    } else if (kind === 0) {
      kind = classify(unit);
      kindOfUnit[unit] = kind;
    }
    if (kind !== PART_OF_WORD && inWord) {
      ends?.push(low === 0 ? i : i - 1);
      if (hashes.push(hash) >= limit) return hashes;
      hash = FNV_OFFSET;
      inWord = false;
    }
    if (kind === SEPARATOR) continue;
    hash = Math.imul(hash ^ unit, FNV_PRIME);
    if (low !== 0) hash = Math.imul(hash ^ low, FNV_PRIME);
    inWord = true;
    if (kind === WORD_OF_ITS_OWN) {
      ends?.push(i + 1);
      if (hashes.push(hash) >= limit) return hashes;
      hash = FNV_OFFSET;
      inWord = false;
    }
  }
  if (inWord) {
    hashes.push(hash);
    ends?.push(folded.length);
  }
  return hashes;
}

/** Where each word of `text` lies, in the order of its hashes; in UTF-16 units of `text` itself. */
export function locateWords(text: string, limit: number): { starts: Int32Array; ends: Int32Array } {
  const folded: number[] = [];
  hashWords(text, limit, folded);
  const toOriginal = mapFolded(text);
  const ends = Int32Array.from(folded, toOriginal);
  const starts = new Int32Array(ends.length);
  for (let word = 0; word < ends.length; word++) {
    let at = word === 0 ? 0 : ends[word - 1]!;
    // between two words there is nothing but separators
    while (at < ends[word]! && classify(text.codePointAt(at)!) === SEPARATOR) {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    }
    starts[word] = at;
  }
  return { starts, ends };
}

/** From positions in the folded text to those of `text`: some characters get longer when folded. */
function mapFolded(text: string): (position: number) => number {
  if (text.toLowerCase().length === text.length) return (position) => position;
  const origins: number[] = [];
  let at = 0;
  for (const character of text) {
    at += character.length;
    for (let unit = character.toLowerCase().length; unit > 0; unit--) origins.push(at);
  }
  return (position) => (position === 0 ? 0 : (origins[position - 1] ?? text.length));
}

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WORD = /[\p{L}\p{N}\p{M}]/u;
const INVISIBLE = /[\p{C}\p{Z}\s]/u;

function classify(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  if (UNSPACED.test(character)) return WORD_OF_ITS_OWN;
  if (WORD.test(character)) return PART_OF_WORD;
  return INVISIBLE.test(character) ? SEPARATOR : WORD_OF_ITS_OWN;
}
