// The linear model's features: every word and every run of up to `wordNgrams` words, hashed into a fixed number of
// buckets, so that no vocabulary is stored and none can be missing. As in fastText (Joulin et al. 2016, "Bag of
// Tricks for Efficient Text Classification"), title and text are one line that ends in a word of its own. Unlike
// there it also begins with one (worth 0.2 points on titles, docs/lab-notes.md), and words share the n-grams' table.
// Id 0 is padding and never a feature.
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../core/canonical-json.ts';
import { hashSha256 } from '../core/hash.ts';
import { hash32 } from '../core/random.ts';
import type { ArticleText } from '../records/article.ts';
import { loadRecord, type RecordType, saveRecord } from '../records/record.ts';
import type { ArticleEncoder, EncodedArticle, Truncation } from './article-encoder.ts';
import { splitRoom } from './truncation.ts';
import { hashWords } from './word-hashes.ts';

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

/** Creates the encoder; its `maxTokens` counts features: all n-grams of `maxWords` words between start and end. */
export function createHashedNgramEncoder(options: HashingOptions): ArticleEncoder {
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
    encode: (article) => encodeArticle(article, options),
    save: (folder) => saveRecord(hashingRecord, join(folder, FILE_NAME), record),
  };
}

/**
 * Loads the encoder that `save` wrote into `folder`.
 * @throws FILE_NOT_FOUND, RECORD_INVALID
 */
export function loadHashedNgramEncoder(folder: string): ArticleEncoder {
  return createHashedNgramEncoder(loadRecord(hashingRecord, join(folder, FILE_NAME)));
}

function encodeArticle({ title, text }: ArticleText, options: HashingOptions): EncodedArticle {
  const { buckets, wordNgrams, maxWords, truncation } = options;
  const limit = truncation === 'head' ? maxWords + 1 : Number.POSITIVE_INFINITY;
  const words = hashWords(`${title} ${text}`, limit);
  const truncated = words.length > maxWords;
  // The part that is left out must not join two words that never stood side by side.
  const parts: number[][] = [];
  if (truncated && truncation === 'head+tail') {
    const { head, tail } = splitRoom(maxWords, truncation);
    parts.push(words.slice(0, head), words.slice(words.length - tail));
  } else {
    parts.push(words.slice(0, maxWords));
  }
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
  return { ids, truncated };
}

/** How many runs of one to `longest` words `words` words have. */
function countNgrams(words: number, longest: number): number {
  const full = Math.min(words, longest);
  return full * words - (full * (full - 1)) / 2;
}
