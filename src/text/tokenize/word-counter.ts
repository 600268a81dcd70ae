// Counts how often each normalised word occurs, without making a string for each occurrence: words are kept as
// UTF-16 units in one growing array and found by open addressing.

import { MAX_WORD_CODE_POINTS } from './vocabulary.ts';
import { createWordScanner } from './word-scanner.ts';
import { UNCASED } from './wordpiece.ts';

export interface WordCounter {
  /** Counts the words of one text; words longer than WordPiece cuts are left out. */
  add(text: string): void;
  /** Distinct words so far. */
  size(): number;
  /** Each distinct word with its count, in order of first appearance. */
  entries(): IterableIterator<readonly [word: string, count: number]>;
}

export function createWordCounter(): WordCounter {
  const scanner = createWordScanner(UNCASED, []);
  let arena = new Uint16Array(1 << 16);
  let used = 0;
  let starts = new Uint32Array(1 << 12); // [words + 1], filled up to `words`
  let counts = new Float64Array(1 << 12);
  let words = 0;
  let table = new Int32Array(1 << 13); // word + 1; 0 = free
  let mask = table.length - 1;

  const isWord = (word: number, units: Uint16Array, length: number): boolean => {
    const start = starts[word]!;
    if (starts[word + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (arena[start + i] !== units[i]) return false;
    return true;
  };
  const grow = (): void => {
    const larger = new Int32Array(table.length * 2);
    mask = larger.length - 1;
    for (let word = 0; word < words; word++) {
      let slot = hashUnits(arena, starts[word]!, starts[word + 1]!) & mask;
      while (larger[slot] !== 0) slot = (slot + 1) & mask;
      larger[slot] = word + 1;
    }
    table = larger;
  };
  const sink = {
    added: () => true,
    word: (units: Uint16Array, length: number, codePoints: number): boolean => {
      if (codePoints > MAX_WORD_CODE_POINTS) return true;
      let slot = hashUnits(units, 0, length) & mask;
      for (; table[slot] !== 0; slot = (slot + 1) & mask) {
        const word = table[slot]! - 1;
        if (!isWord(word, units, length)) continue;
        counts[word]!++;
        return true;
      }
      if (used + length > arena.length) arena = copyInto(new Uint16Array(arena.length * 2 + length), arena);
      if (words + 2 > starts.length) {
        starts = copyInto(new Uint32Array(starts.length * 2), starts);
        counts = copyInto(new Float64Array(counts.length * 2), counts);
      }
      for (let i = 0; i < length; i++) arena[used + i] = units[i]!;
      used += length;
      counts[words] = 1;
      starts[words + 1] = used;
      table[slot] = ++words;
      if (words * 2 > table.length) grow();
      return true;
    },
  };

  return {
    add: (text) => void scanner.scan(text, sink),
    size: () => words,
    entries: function* () {
      for (let word = 0; word < words; word++) {
        yield [String.fromCharCode(...arena.subarray(starts[word], starts[word + 1])), counts[word]!];
      }
    },
  };
}

function hashUnits(units: Uint16Array, from: number, to: number): number {
  let hash = 0;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ units[i]!, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function copyInto<T extends Uint16Array | Uint32Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
