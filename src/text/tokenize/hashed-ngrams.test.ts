import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createHashedNgramEncoder,
  type HashingOptions,
  hashingRecord,
  loadHashedNgramEncoder,
} from './hashed-ngrams.ts';

const options: HashingOptions = { buckets: 2 ** 20, wordNgrams: 2, maxWords: 100, truncation: 'head' };
const encoder = createHashedNgramEncoder(options);
const idsOf = (text: string, changes: Partial<HashingOptions> = {}): number[] => [
  ...createHashedNgramEncoder({ ...options, ...changes }).encode({ title: '', text }).ids,
];

test('gives every word and bigram between the start and the end of the article', () => {
  expect(idsOf('one two three')).toHaveLength(5 + 4);
  expect(idsOf('one two three', { wordNgrams: 1 })).toHaveLength(5);
  expect(idsOf('one two three', { wordNgrams: 3 })).toHaveLength(5 + 4 + 3);
  expect(new Set(idsOf('one two three', { wordNgrams: 8 })).size).toBe(5 + 4 + 3 + 2 + 1);
});

test('counts the features of the whole article, cut or not', () => {
  const article = { title: 'One two', text: 'three four' };
  for (const maxWords of [1, 3, 100]) {
    const cut = createHashedNgramEncoder({ ...options, maxWords });
    expect(cut.countTokens(article)).toBe(encoder.encode(article).ids.length);
  }
});

test('gives an article without words the features of its ends', () => {
  expect(idsOf('')).toHaveLength(3);
});

test('reads title and text as one line', () => {
  expect(encoder.encode({ title: 'One two', text: 'three' })).toEqual(
    encoder.encode({ title: '', text: 'one two three' }),
  );
});

test('tells word order apart only by n-grams', () => {
  const sorted = (ids: number[]): number[] => ids.sort((a, b) => a - b);
  expect(sorted(idsOf('man bites dog'))).not.toEqual(sorted(idsOf('dog bites man')));
  const unigrams = { wordNgrams: 1 };
  expect(sorted(idsOf('man bites dog', unigrams))).toEqual(sorted(idsOf('dog bites man', unigrams)));
});

test('keeps ids in [1, buckets), padding apart', () => {
  const text = Array.from({ length: 500 }, (_, i) => `word${i}`).join(' ');
  for (const buckets of [2, 3, 64]) {
    const ids = idsOf(text, { buckets, maxWords: 1000 });
    expect(Math.min(...ids)).toBe(1);
    expect(Math.max(...ids)).toBe(buckets - 1);
  }
});

test('spreads features evenly over the buckets', () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `word${i}`).join(' ');
  const ids = idsOf(text, { buckets: 65, wordNgrams: 1, maxWords: 20_000 });
  const counts = new Float64Array(65);
  for (const id of ids) counts[id]! += 1;
  const expected = ids.length / 64;
  const chiSquare = counts.subarray(1).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(chiSquare).toBeLessThan(103); // 0.1% tail of chi square with 63 degrees of freedom
});

test('keeps known ids, so that models of earlier versions stay readable', () => {
  expect(idsOf('A small fact.', { buckets: 1000 })).toMatchInlineSnapshot(`
    [
      421,
      126,
      802,
      427,
      290,
      587,
      465,
      724,
      968,
      106,
      389,
    ]
  `);
});

describe('truncation', () => {
  const words = Array.from({ length: 12 }, (_, i) => `w${i}`);
  const text = words.join(' ');

  test('keeps the first words and says so', () => {
    const cut = createHashedNgramEncoder({ ...options, maxWords: 8 });
    expect(cut.encode({ title: '', text })).toEqual({
      ids: Int32Array.from(idsOf(words.slice(0, 8).join(' '))),
      truncated: true,
    });
    expect(cut.encode({ title: '', text: words.slice(0, 8).join(' ') }).truncated).toBe(false);
  });

  test('keeps both ends and joins no words across the gap', () => {
    const cut = createHashedNgramEncoder({ ...options, maxWords: 8, truncation: 'head+tail' });
    const { ids, truncated } = cut.encode({ title: '', text });
    expect(truncated).toBe(true);
    const whole = new Set(idsOf(text));
    expect([...ids].filter((id) => !whole.has(id))).toEqual([]);
    const unigrams = new Set(idsOf('w0 w1 w6 w7 w8 w9 w10 w11', { wordNgrams: 1 }));
    expect([...unigrams].filter((id) => !ids.includes(id))).toEqual([]);
    expect(idsOf('w2 w3 w4 w5', { wordNgrams: 1 }).filter((id) => ids.includes(id))).toHaveLength(2); // the ends
  });

  test('never gives more than maxTokens ids', () => {
    for (const wordNgrams of [1, 2, 5]) {
      for (const maxWords of [1, 2, 8, 100]) {
        for (const truncation of ['head', 'head+tail'] as const) {
          const cut = createHashedNgramEncoder({ ...options, wordNgrams, maxWords, truncation });
          const { length } = cut.encode({ title: text, text }).ids;
          expect(length).toBeLessThanOrEqual(cut.maxTokens);
          if (maxWords < 24 && truncation === 'head') expect(length).toBe(cut.maxTokens);
        }
      }
    }
  });
});

describe('hashing.json', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hashing-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('brings back an encoder with the same ids and digest', () => {
    encoder.save(folder);
    const loaded = loadHashedNgramEncoder(folder);
    expect(loaded.digest).toBe(encoder.digest);
    const article = { title: 'Ferry resumes', text: 'On Tuesday, after repairs.' };
    expect(loaded.encode(article)).toEqual(encoder.encode(article));
  });

  test('is refused when it was edited into nonsense', () => {
    writeFileSync(join(folder, 'hashing.json'), JSON.stringify({ ...hashingRecord.example, buckets: -1 }));
    expect(() => loadHashedNgramEncoder(folder)).toThrow(expect.objectContaining({ code: 'RECORD_INVALID' }));
  });

  test('is written with the values of its example', () => {
    const { buckets, wordNgrams, maxWords, truncation } = hashingRecord.example;
    createHashedNgramEncoder({ buckets, wordNgrams, maxWords, truncation }).save(folder);
    expect(JSON.parse(readFileSync(join(folder, 'hashing.json'), 'utf8'))).toEqual(hashingRecord.example);
  });
});

test('has a different digest for every setting', () => {
  const changes: Partial<HashingOptions>[] = [
    {},
    { buckets: 2 ** 19 },
    { wordNgrams: 3 },
    { maxWords: 99 },
    { truncation: 'head+tail' },
  ];
  const digests = changes.map((change) => createHashedNgramEncoder({ ...options, ...change }).digest);
  expect(new Set(digests).size).toBe(changes.length);
});
