// The linear model's features: every word and every run of up to `wordNgrams` words, hashed into a fixed number of
// buckets, so that no vocabulary is stored and none can be missing. As in fastText (Joulin et al. 2016, "Bag of
// Tricks for Efficient Text Classification"), title and text are one line that ends in a word of its own. Unlike
// there it also begins with one (worth 0.2 points on titles, docs/lab-notes.md), and words share the n-grams' table.
// Id 0 is padding and never a feature.
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson, hash32, hashSha256 } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import { loadRecord, type RecordType, saveRecord } from '../../foundation/records/index.ts';
import type { ArticleEncoder, Truncation } from './article-encoder.ts';
import { splitRoom } from './truncation.ts';
import { hashWords, locateWords } from './word-hashes.ts';

const FILE_NAME = 'hashing.json';
const START_OF_ARTICLE = 0x3c733e;
const END_OF_ARTICLE = 0x2f733e; // stands where fastText has </s>
const NGRAM_FACTOR = 116049371; // fastText's, prime

const hashingSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('hashed-ngrams'),
  /** Rows of the feature table, padding's row 0 included. */
  buckets: z
    .int()
    .min(2)
    .max(2 ** 30),
  wordNgrams: z.int().min(1).max(8),
  /** Words read of an article; n-grams come on top. */
  maxWords: z.int().min(1),
  truncation: z.enum(['head', 'head+tail']),
});
type HashingRecord = z.infer<typeof hashingSchema>;

/** hashing.json of a linear model's folder. */
export const hashingRecord: RecordType<HashingRecord> = {
  name: 'feature hashing',
  schemaVersion: 1,
  schema: hashingSchema,
  example: {
    schemaVersion: 1,
    kind: 'hashed-ngrams',
    buckets: 1_048_576,
    wordNgrams: 2,
    maxWords: 512,
    truncation: 'head',
  },
};

export interface HashingOptions {
  readonly buckets: number;
  readonly wordNgrams: number;
  readonly maxWords: number;
  readonly truncation: Truncation;
}

/** The words that are read of an article. */
export interface ReadWords {
  /** [W] */
  readonly hashes: readonly number[];
  /** [W] where each begins and ends (exclusive) in `formatContent`'s title + " " + text; here also without a title. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** How many of them stand before the part that was left out; all, where nothing was. */
  readonly head: number;
  readonly truncated: boolean;
}

export interface HashedNgramEncoder extends ArticleEncoder {
  readonly kind: 'hashed-ngrams';
  /** Longest n-gram, in words. */
  readonly wordNgrams: number;
  readWords(article: ArticleText): ReadWords;
  /** Ids of words of which `head` stand before a gap. `encode(article)` is this over all of `readWords(article)`. */
  encodeWords(hashes: readonly number[], head: number): Int32Array;
}

/** Creates the encoder; its `maxTokens` counts features: all n-grams of `maxWords` words between start and end. */
export function createHashedNgramEncoder(options: HashingOptions): HashedNgramEncoder {
  const { buckets, wordNgrams, maxWords, truncation } = options;
  const record = hashingSchema.parse({
    schemaVersion: 1,
    kind: 'hashed-ngrams',
    buckets,
    wordNgrams,
    maxWords,
    truncation,
  });
  return {
    kind: 'hashed-ngrams',
    vocabularySize: buckets,
    padId: 0,
    maxTokens: countNgrams(maxWords + 2, wordNgrams),
    truncation,
    digest: hashSha256(canonicalJson(record)),
    wordNgrams,
    encode: (article) => {
      const { hashes, head, truncated } = readWords(article, options);
      return { ids: encodeWords(hashes, head, options), truncated };
    },
    countTokens: ({ title, text }) =>
      countNgrams(hashWords(`${title} ${text}`, Number.POSITIVE_INFINITY).length + 2, wordNgrams),
    readWords: (article) => {
      const { title, text } = article;
      const read = readWords(article, options);
      const { starts, ends } = locateWords(`${title} ${text}`, read.limit);
      const pick = (places: Int32Array): Int32Array =>
        read.truncated && truncation === 'head+tail'
          ? Int32Array.from([
              ...places.subarray(0, read.head),
              ...places.subarray(places.length - (maxWords - read.head)),
            ])
          : places.subarray(0, read.hashes.length);
      const { hashes, head, truncated } = read;
      return { hashes, head, truncated, starts: pick(starts), ends: pick(ends) };
    },
    encodeWords: (hashes, head) => encodeWords(hashes, head, options),
    save: (folder) => saveRecord(hashingRecord, join(folder, FILE_NAME), record),
  };
}

/**
 * Loads the encoder that `save` wrote into `folder`.
 * @throws FILE_NOT_FOUND, RECORD_INVALID
 */
export function loadHashedNgramEncoder(folder: string): HashedNgramEncoder {
  return createHashedNgramEncoder(loadRecord(hashingRecord, join(folder, FILE_NAME)));
}

function readWords({ title, text }: ArticleText, { maxWords, truncation }: HashingOptions) {
  const limit = truncation === 'head' ? maxWords + 1 : Number.POSITIVE_INFINITY;
  const words = hashWords(`${title} ${text}`, limit);
  const truncated = words.length > maxWords;
  if (truncated && truncation === 'head+tail') {
    const { head, tail } = splitRoom(maxWords, truncation);
    const hashes = [...words.slice(0, head), ...words.slice(words.length - tail)];
    return { hashes, head, truncated, limit };
  }
  const hashes = words.slice(0, maxWords);
  return { hashes, head: hashes.length, truncated, limit };
}

function encodeWords(
  hashes: readonly number[],
  head: number,
  { buckets, wordNgrams }: HashingOptions,
): Int32Array {
  // The part that is left out must not join two words that never stood side by side.
  const parts: number[][] = [hashes.slice(0, head)];
  if (head < hashes.length) parts.push(hashes.slice(head));
  parts[0]!.unshift(START_OF_ARTICLE);
  parts.at(-1)!.push(END_OF_ARTICLE);
  const ids = new Int32Array(parts.reduce((total, part) => total + countNgrams(part.length, wordNgrams), 0));
  let count = 0;
  for (const part of parts) {
    for (let start = 0; start < part.length; start++) {
      let hash = 0;
      const end = Math.min(part.length, start + wordNgrams);
      for (let i = start; i < end; i++) {
        hash = (Math.imul(hash, NGRAM_FACTOR) + part[i]!) | 0;
        ids[count++] = 1 + (hash32(hash) % (buckets - 1));
      }
    }
  }
  return ids;
}

/** How many runs of one to `longest` words `words` words have. */
function countNgrams(words: number, longest: number): number {
  const full = Math.min(words, longest);
  return full * words - (full * (full - 1)) / 2;
}
