// Learns a WordPiece vocabulary: byte-pair merges over "c ##c ##c" words, most frequent pair first, as the Rust
// library's WordPieceTrainer does. Deterministic, and the same for any order of the texts: ties go to the lower ids,
// which begin with the alphabet in code point order. Pair counts are kept up to date merge by merge; the heap's
// entries may be stale and are put right when they come up. Source: Sennrich et al. 2016, arXiv 1508.07909, with "##" as in BERT.
import { appError } from '../../foundation/core/index.ts';
import { createPairHeap } from './pair-heap.ts';
import { buildVocabulary, CONTINUATION, SPECIAL_TOKENS, type Vocabulary } from './vocabulary.ts';
import { createWordCounter, type WordCounter } from './word-counter.ts';

const SMALLEST_SIZE = 64;
/** A pair of ids as one number: left * PAIR + right. */
const PAIR = 2 ** 24;

export interface VocabularyTraining {
  /** V wanted; a small corpus may give fewer. */
  readonly size: number;
  /** Occurrences a pair needs to be merged. */
  readonly minFrequency?: number;
  /** Distinct characters kept, the most frequent; others become [UNK]. At most a quarter of `size`. */
  readonly maxAlphabet?: number;
}

/**
 * Trains a vocabulary on texts, uncased.
 * @throws VOCABULARY_IMPOSSIBLE for a size below 64 or texts without a word
 */
export async function trainVocabulary(
  texts: AsyncIterable<string> | Iterable<string>,
  { size, minFrequency = 2, maxAlphabet = 1000 }: VocabularyTraining,
): Promise<Vocabulary> {
  if (size < SMALLEST_SIZE) {
    throw appError('VOCABULARY_IMPOSSIBLE', {
      expected: `a size of at least ${SMALLEST_SIZE} pieces`,
      got: size,
    });
  }
  const counter = createWordCounter();
  for await (const text of texts) counter.add(text);
  if (counter.size() === 0) {
    throw appError('VOCABULARY_IMPOSSIBLE', { expected: 'texts with words to train on', got: 'none' });
  }
  const pieces = [...SPECIAL_TOKENS, ...listAlphabet(counter, Math.min(maxAlphabet, Math.floor(size / 4)))];
  mergePairs(readCorpus(counter, pieces), pieces, size, minFrequency);
  return buildVocabulary(
    pieces.map((piece, id) => [piece, id] as const),
    'trained vocabulary',
  );
}

/** The kept characters as pieces, alone and (where they occur so, or may: ASCII letters and digits) continued. */
function listAlphabet(counter: WordCounter, limit: number): string[] {
  const counts = new Map<string, number>();
  const continued = new Set<string>('abcdefghijklmnopqrstuvwxyz0123456789');
  for (const [word, count] of counter.entries()) {
    let isFirst = true;
    for (const c of word) {
      counts.set(c, (counts.get(c) ?? 0) + count);
      if (!isFirst) continued.add(c);
      isFirst = false;
    }
  }
  const byCodePoint = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!;
  const kept = [...counts.keys()]
    .sort((a, b) => counts.get(b)! - counts.get(a)! || byCodePoint(a, b))
    .slice(0, limit)
    .sort(byCodePoint);
  return [...kept, ...kept.filter((c) => continued.has(c)).map((c) => CONTINUATION + c)];
}

/** Distinct words as ids of one-character pieces; a word's ids shrink in place as pairs are merged. */
interface Corpus {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly counts: Float64Array;
}

/** Words with a character outside the alphabet are left out: they become [UNK] whole. */
function readCorpus(counter: WordCounter, pieces: readonly string[]): Corpus {
  const idOf = new Map(pieces.map((piece, id) => [piece, id]));
  const ids: number[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  const counts: number[] = [];
  for (const [word, count] of counter.entries()) {
    const start = ids.length;
    let isFirst = true;
    for (const c of word) {
      const id = idOf.get(isFirst ? c : CONTINUATION + c);
      isFirst = false;
      if (id === undefined) {
        ids.length = start;
        break;
      }
      ids.push(id);
    }
    if (ids.length - start < 2) {
      ids.length = start;
      continue;
    }
    starts.push(start);
    lengths.push(ids.length - start);
    counts.push(count);
  }
  return {
    ids: Int32Array.from(ids),
    starts: Int32Array.from(starts),
    lengths: Int32Array.from(lengths),
    counts: Float64Array.from(counts),
  };
}

/** Appends merged pieces to `pieces` until there are `size`, or no pair is frequent enough. */
function mergePairs(corpus: Corpus, pieces: string[], size: number, minFrequency: number): void {
  const { ids, starts, lengths, counts } = corpus;
  const idOf = new Map(pieces.map((piece, id) => [piece, id]));
  const pairCounts = new Map<number, number>();
  /** Words that hold, or once held, a pair. */
  const holders = new Map<number, number[]>();
  const addCount = (pair: number, count: number): void => {
    pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + count);
  };
  const addHolder = (pair: number, word: number): void => {
    const words = holders.get(pair);
    if (words === undefined) holders.set(pair, [word]);
    else if (words[words.length - 1] !== word) words.push(word);
  };
  for (let word = 0; word < starts.length; word++) {
    const start = starts[word]!;
    for (let i = start; i + 1 < start + lengths[word]!; i++) {
      const pair = ids[i]! * PAIR + ids[i + 1]!;
      addCount(pair, counts[word]!);
      addHolder(pair, word);
    }
  }
  const heap = createPairHeap();
  for (const [pair, count] of pairCounts) if (count >= minFrequency) heap.push(pair, count);

  while (pieces.length < size) {
    const top = heap.pop();
    if (top === undefined) return;
    const current = pairCounts.get(top.pair) ?? 0;
    if (current !== top.count) {
      // Fewer than when it was pushed: back with the true count. More: a newer entry is in the heap as well.
      if (current < top.count && current >= minFrequency) heap.push(top.pair, current);
      continue;
    }
    const left = Math.floor(top.pair / PAIR);
    const right = top.pair % PAIR;
    const piece = pieces[left]! + pieces[right]!.slice(CONTINUATION.length);
    // Two ways of merging may spell the same piece: it keeps its first id.
    const merged = idOf.get(piece) ?? pieces.length;
    if (merged === pieces.length) {
      pieces.push(piece);
      idOf.set(piece, merged);
    }
    const changed = new Set<number>();
    for (const word of holders.get(top.pair) ?? []) {
      const start = starts[word]!;
      const count = counts[word]!;
      const end = start + lengths[word]!;
      for (let i = start; i + 1 < end; i++) addCount(ids[i]! * PAIR + ids[i + 1]!, -count);
      const newEnd = replacePair(ids, start, end, left, right, merged);
      lengths[word] = newEnd - start;
      for (let i = start; i + 1 < newEnd; i++) {
        const pair = ids[i]! * PAIR + ids[i + 1]!;
        addCount(pair, count);
        if (ids[i] !== merged && ids[i + 1] !== merged) continue;
        addHolder(pair, word);
        changed.add(pair);
      }
    }
    pairCounts.delete(top.pair);
    holders.delete(top.pair);
    for (const pair of changed) {
      const count = pairCounts.get(pair)!;
      if (count >= minFrequency) heap.push(pair, count);
    }
  }
}

/** Replaces each (left, right) in ids[start, end) from left to right. @returns the new end */
function replacePair(
  ids: Int32Array,
  start: number,
  end: number,
  left: number,
  right: number,
  merged: number,
): number {
  let write = start;
  for (let read = start; read < end; read++) {
    const isPair = ids[read] === left && read + 1 < end && ids[read + 1] === right;
    ids[write++] = isPair ? merged : ids[read]!;
    if (isPair) read++;
  }
  return write;
}
