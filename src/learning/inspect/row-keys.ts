// Numbers that stand for texts while two tables are compared: no text stays in memory.
import { createHash } from 'node:crypto';
import {
  createMinHasher,
  createWordHashes,
  fillWordHashes,
  hashSequence,
  type WordHashes,
} from '../data/index.ts';

/** A key of 52 bits: among 200,000 rows, two are alike by chance with a probability of 5 in a million. 0: no key. */
export function hashKey(text: string): number {
  const digest = createHash('md5').update(text).digest();
  return digest.readUInt32LE(0) * 0x100000 + (digest.readUInt32LE(4) >>> 12) || 1;
}

/** What a text file changes without a person's doing: line breaks and the spaces at the ends. */
export function evenOut(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}

/** Numbers for names, in the order of their first appearance; shared by both tables. */
export class NameNumbers {
  readonly names: (string | null)[] = [];
  private readonly numbers = new Map<string | null, number>();

  numberOf(name: string | null): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** Shorter titles ("Letters", "Live blog") do not identify an article. */
const MIN_TITLE_WORDS = 3;
/** A shorter text has too few shingles for an estimate. */
const MIN_TEXT_WORDS = 8;
const PERMUTATIONS = 64;
const SHINGLE_WORDS = 2;
/** One band of the signature has this many entries; two articles are compared if any band is equal. */
const BAND = 2;

/** What the words of an article say about which article it is. */
export interface WordKeys {
  /** 0: none. */
  readonly title: number;
  readonly text: number;
  /** null: the text is too short. */
  readonly signature: Int32Array | null;
}

export class WordKeyMaker {
  private readonly words: WordHashes = createWordHashes();
  private readonly hasher = createMinHasher(PERMUTATIONS, SHINGLE_WORDS);

  make(title: string, text: string): WordKeys {
    const { words } = this;
    fillWordHashes(title, words);
    const titleKey = words.count >= MIN_TITLE_WORDS ? joinKey(hashSequence(words)) : 0;
    fillWordHashes(text, words);
    const textKey = words.count >= MIN_TITLE_WORDS ? joinKey(hashSequence(words)) : 0;
    if (words.count < MIN_TEXT_WORDS) return { title: titleKey, text: textKey, signature: null };
    const signature = new Int32Array(PERMUTATIONS);
    this.hasher.sign(words, signature);
    return { title: titleKey, text: textKey, signature };
  }
}

function joinKey([high, low]: readonly [number, number]): number {
  return (high >>> 0) * 0x100000 + ((low >>> 0) >>> 12) || 1;
}

export function listBands(signature: Int32Array): string[] {
  const bands: string[] = [];
  for (let at = 0; at < signature.length; at += BAND)
    bands.push(`${at}:${signature.subarray(at, at + BAND).join()}`);
  return bands;
}
