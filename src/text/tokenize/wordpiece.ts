// BERT's WordPiece tokenizer: words of word-scanner.ts, cut by piece-trie.ts. `encode` is the fast way to ids;
// `encodeWithOffsets` goes through the aligned normaliser and gives the same ids with their place in the text.
// Both add no special tokens; a special token written out in the text is taken as one, as the reference does.
// Source: behaviour of the Rust library `tokenizers` 0.23.3 (BertNormalizer, BertPreTokenizer, WordPiece).
import type { TokenSpans } from './article-encoder.ts';
import { type NormalizerOptions, normalizeAligned } from './bert-normalizer.ts';
import { buildPieceTrie } from './piece-trie.ts';
import { MAX_WORD_CODE_POINTS, type Vocabulary } from './vocabulary.ts';
import { type AddedToken, createWordScanner, splitWords, writeCodePoint } from './word-scanner.ts';

export interface WordPieceTokenizer {
  readonly vocabulary: Vocabulary;
  readonly normalizer: NormalizerOptions;
  readonly addedTokens: readonly AddedToken[];
  /** Ids of the text; stops once there are at least `limit` of them (the last word may go beyond it). */
  encode(text: string, limit?: number): Int32Array;
  encodeWithOffsets(text: string): TokenSpans;
}

/** Pieces of a word: at most one a unit. */
const MAX_PIECES = (MAX_WORD_CODE_POINTS + 1) * 2;

export const UNCASED: NormalizerOptions = { lowercase: true, stripAccents: true, spaceChinese: true };

/** Creates a tokenizer; `addedTokens` are the contents that are matched in raw text before anything else. */
export function createWordPieceTokenizer(
  vocabulary: Vocabulary,
  normalizer: NormalizerOptions = UNCASED,
  addedTokens: readonly AddedToken[] = listSpecialTokens(vocabulary),
): WordPieceTokenizer {
  const trie = buildPieceTrie(vocabulary);
  const scanner = createWordScanner(normalizer, addedTokens);
  const wordIds = new Int32Array(MAX_PIECES);
  const wordEnds = new Int32Array(MAX_PIECES);
  let buffer = new Int32Array(4096);
  let length = 0;
  let wanted = Number.POSITIVE_INFINITY;
  const sink = {
    word: (units: Uint16Array, unitCount: number, codePoints: number): boolean => {
      const count = trie.cut(units, unitCount, codePoints, wordIds, wordEnds);
      if (length + count > buffer.length) buffer = growInts(buffer);
      for (let i = 0; i < count; i++) buffer[length++] = wordIds[i]!;
      return length < wanted;
    },
    added: (id: number): boolean => {
      if (length === buffer.length) buffer = growInts(buffer);
      buffer[length++] = id;
      return length < wanted;
    },
  };

  return {
    vocabulary,
    normalizer,
    addedTokens,
    encode: (text, limit = Number.POSITIVE_INFINITY) => {
      length = 0;
      wanted = limit;
      scanner.scan(text, sink);
      return buffer.slice(0, length);
    },
    encodeWithOffsets: (text) => {
      const ids: number[] = [];
      const starts: number[] = [];
      const ends: number[] = [];
      const units = new Uint16Array(MAX_PIECES);
      const encodeStretch = (from: number, to: number): void => {
        const aligned = normalizeAligned(text, from, to, normalizer);
        splitWords(aligned.codePoints, (first, last) => {
          const owners: number[] = [];
          let unitCount = 0;
          for (let i = first; i < last && i - first <= MAX_WORD_CODE_POINTS; i++) {
            unitCount = writeCodePoint(units, unitCount, aligned.codePoints[i]!);
            while (owners.length < unitCount) owners.push(i);
          }
          const count = trie.cut(units, unitCount, last - first, wordIds, wordEnds);
          const isCut = last - first > MAX_WORD_CODE_POINTS;
          let unit = 0;
          for (let i = 0; i < count; i++) {
            ids.push(wordIds[i]!);
            starts.push(aligned.starts[owners[unit]!]!);
            unit = wordEnds[i]!;
            ends.push(aligned.ends[isCut ? last - 1 : owners[unit - 1]!]!);
          }
          return true;
        });
      };
      let stretchStart = 0;
      for (let at = 0; at < text.length; at++) {
        const token = scanner.findAdded(text, at);
        if (token === undefined) continue;
        encodeStretch(stretchStart, at);
        ids.push(token.id);
        starts.push(at);
        stretchStart = at + token.content.length;
        ends.push(stretchStart);
        at = stretchStart - 1;
      }
      encodeStretch(stretchStart, text.length);
      return { ids: Int32Array.from(ids), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
    },
  };
}

/** The special tokens of a vocabulary, as they are matched in raw text. */
export function listSpecialTokens(vocabulary: Vocabulary): AddedToken[] {
  return Object.entries(vocabulary.special).map(([content, id]) => ({ content, id }));
}

function growInts(full: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(full.length * 2 + MAX_PIECES);
  larger.set(full);
  return larger;
}
