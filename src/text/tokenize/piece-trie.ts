// Greedy longest match over a vocabulary, as a trie in one hash table: a word is cut in one pass without making a
// single string, so there is no cache of words to bound and no text that is slow. Children are found by open
// addressing on (node, unit); each slot is four int32: node + 1 (0 = free), unit, child, unused.
import { CONTINUATION, MAX_WORD_CODE_POINTS, type Vocabulary } from './vocabulary.ts';

const WORD_START = 0;
const CONTINUED = 1;
const NO_PIECE = -1;

export interface PieceTrie {
  /**
   * Cuts one normalised word into pieces.
   * @param units       UTF-16 units of the word, in [0, length)
   * @param codePoints  length of the word in code points
   * @param ids         filled with the pieces' ids
   * @param ends        filled with where each piece ends in `units`
   * @returns how many pieces; 1 = [UNK] for a word that cannot be cut
   */
  cut(units: Uint16Array, length: number, codePoints: number, ids: Int32Array, ends: Int32Array): number;
}

/** Builds the trie of a vocabulary; special tokens are pieces like any other, as in the reference. */
export function buildPieceTrie(vocabulary: Vocabulary): PieceTrie {
  const unknown = vocabulary.special['[UNK]'];
  let edgeBound = 0;
  for (const piece of vocabulary.ids.keys()) edgeBound += piece.length;
  let capacity = 16;
  while (capacity < edgeBound * 2) capacity *= 2;
  const mask = capacity - 1;
  const slots = new Int32Array(capacity * 4);
  const pieceIds = new Int32Array(edgeBound + 2).fill(NO_PIECE);
  let nodes = 2;

  const findSlot = (node: number, unit: number): number => {
    let slot = hashEdge(node, unit) & mask;
    for (;;) {
      const at = slot * 4;
      const owner = slots[at]!;
      if (owner === 0 || (owner === node + 1 && slots[at + 1] === unit)) return at;
      slot = (slot + 1) & mask;
    }
  };
  const insert = (root: number, piece: string, from: number, id: number): void => {
    let node = root;
    for (let i = from; i < piece.length; i++) {
      const unit = piece.charCodeAt(i);
      const at = findSlot(node, unit);
      if (slots[at] === 0) {
        slots[at] = node + 1;
        slots[at + 1] = unit;
        slots[at + 2] = nodes++;
      }
      node = slots[at + 2]!;
    }
    if (from < piece.length) pieceIds[node] = id;
  };
  for (const [piece, id] of vocabulary.ids) {
    // A word never begins with "##": "#" is punctuation, a word of its own.
    if (piece.startsWith(CONTINUATION)) insert(CONTINUED, piece, CONTINUATION.length, id);
    else insert(WORD_START, piece, 0, id);
  }

  return {
    cut: (units, length, codePoints, ids, ends) => {
      let count = 0;
      let start = 0;
      while (start < length && codePoints <= MAX_WORD_CODE_POINTS) {
        let node = start === 0 ? WORD_START : CONTINUED;
        let id = NO_PIECE;
        let end = start;
        for (let i = start; i < length; i++) {
          const unit = units[i]!;
          let slot = hashEdge(node, unit) & mask;
          let at = slot * 4;
          while (slots[at] !== 0 && (slots[at] !== node + 1 || slots[at + 1] !== unit)) {
            slot = (slot + 1) & mask;
            at = slot * 4;
          }
          if (slots[at] === 0) break;
          node = slots[at + 2]!;
          if (pieceIds[node]! !== NO_PIECE) {
            id = pieceIds[node]!;
            end = i + 1;
          }
        }
        if (id === NO_PIECE) break;
        ids[count] = id;
        ends[count++] = end;
        start = end;
      }
      if (start === length) return count;
      ids[0] = unknown;
      ends[0] = length;
      return 1;
    },
  };
}

function hashEdge(node: number, unit: number): number {
  const h = Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b);
  return h ^ (h >>> 15);
}
