// SentencePiece's precompiled character map (the `Precompiled` normaliser of tokenizer.json): a double-array trie over
// UTF-8, whose leaves point into one blob of replacements, each ended by a zero byte.
// The surprising thing: of several entries that begin a text the shortest one counts, and all of the text is replaced by
// it; so does the reference. Source: behaviour of tokenizers 0.23.3 (spm_precompiled), and Darts-clone's unit layout.
import type { Replacement } from './normalized-text.ts';

/** Bytes of a grapheme that is still looked up as a whole. */
const MAX_GRAPHEME_BYTES = 5;
/** A run with a character beyond ASCII, with the ASCII neighbours that may join it to a grapheme. */
const HARD_RUN = /[\0-\x7f]?[^\0-\x7f]+(?:[\0-\x7f][^\0-\x7f]+)*[\0-\x7f]?|\r\n|[\0-\x1f\x7f]/gu;

export interface CharacterMap {
  /** What changes in a text, in order. */
  findReplacements(text: string): Replacement[];
}

/**
 * Reads a map.
 * @param base64  uint32 bytes of the trie, its units (uint32, little-endian), then the replacements in UTF-8
 * @returns null where the bytes are no such map
 */
export function parseCharacterMap(base64: string): CharacterMap | null {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 4) return null;
  const trieBytes = bytes.readUInt32LE(0);
  if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) return null;
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const replacements = bytes.subarray(4 + trieBytes);

  const lookUp = (text: string): string | undefined => {
    let node = offsetOf(units[0]!);
    for (const byte of Buffer.from(text, 'utf8')) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node];
      if (unit === undefined || (unit & 0x800000ff) !== byte) return undefined;
      node ^= offsetOf(unit);
      if (((unit >>> 8) & 1) === 1) {
        const start = (units[node] ?? 0) & 0x7fffffff;
        const end = replacements.indexOf(0, start);
        return replacements.toString('utf8', start, end < 0 ? replacements.length : end);
      }
    }
    return undefined;
  };
  const known = new Map<string, string | null>();
  const lookUpCached = (text: string): string | null => {
    let found = known.get(text);
    if (found === undefined) {
      found = lookUp(text) ?? null;
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(text, found);
    }
    return found;
  };
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

  return {
    findReplacements: (text) => {
      const found: Replacement[] = [];
      const replace = (from: number, part: string): boolean => {
        const replacement = lookUpCached(part);
        if (replacement === null) return false;
        if (replacement !== part) found.push({ from, to: from + part.length, text: replacement });
        return true;
      };
      for (const { 0: run, index } of text.matchAll(HARD_RUN)) {
        for (const { segment, index: inRun } of graphemes.segment(run)) {
          if (Buffer.byteLength(segment) <= MAX_GRAPHEME_BYTES && replace(index + inRun, segment)) continue;
          let at = index + inRun;
          for (const character of segment) {
            replace(at, character);
            at += character.length;
          }
        }
      }
      return found;
    },
  };
}

/** Characters and graphemes whose replacement is remembered. */
const MAX_KNOWN = 20_000;

/** Darts-clone: the offset lies in bits 10 to 30, shifted by 8 more where bit 9 is set. */
function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
