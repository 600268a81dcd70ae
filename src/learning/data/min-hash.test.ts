import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { chooseBands, createMinHasher, estimateSimilarity, hashBands } from './min-hash.ts';
import { createWordHashes, fillWordHashes, hashSequence } from './word-hashes.ts';

function sign(text: string, permutations = 128, shingleWords = 3): Int32Array {
  const words = createWordHashes();
  fillWordHashes(text, words);
  const out = new Int32Array(permutations);
  createMinHasher(permutations, shingleWords).sign(words, out);
  return out;
}

function wordsOf(text: string): string[] {
  const words = createWordHashes();
  fillWordHashes(text, words);
  const lower = text.toLowerCase();
  return Array.from({ length: words.count }, (_, i) => lower.slice(words.starts[i], words.ends[i]));
}

describe('fillWordHashes', () => {
  it('splits at all characters but letters and digits, and keeps words with apostrophes whole', () => {
    expect(wordsOf('The ferry’s LATE — again, (é) 3.5!')).toEqual([
      'the',
      'ferry’s',
      'late',
      'again',
      'é',
      '3',
      '5',
    ]);
  });
  it('takes scripts without spaces character by character', () => {
    expect(wordsOf('渡船late 迟到')).toEqual(['渡', '船', 'late', '迟', '到']);
  });
  it('hashes texts that differ in case and punctuation alike, others differently', () => {
    const key = (text: string): string => {
      const words = createWordHashes();
      fillWordHashes(text, words);
      return hashSequence(words).join();
    };
    expect(key("Ferry's late!")).toBe(key('ferrys LATE'));
    expect(key('ferry late')).not.toBe(key('late ferry'));
    expect(key('ferry late')).not.toBe(key('ferrylate'));
    const keys = new Set(Array.from({ length: 5000 }, (_, i) => key(`word ${i} and ${i * 7}`)));
    expect(keys.size).toBe(5000);
  });
});

describe('MinHash', () => {
  it('estimates the Jaccard similarity of the shingle sets', () => {
    const random = createRandom('min-hash-test');
    const errors: number[] = [];
    for (let round = 0; round < 30; round++) {
      const common = Array.from({ length: 50 + random.integer(200) }, () => `w${random.integer(100000)}`);
      const extra = Array.from({ length: 1 + random.integer(200) }, () => `x${random.integer(100000)}`);
      // Shingles of one word, so that the exact similarity is that of the word sets.
      const exact = new Set(common).size / new Set([...common, ...extra]).size;
      errors.push(
        estimateSimilarity(sign(common.join(' '), 128, 1), sign([...common, ...extra].join(' '), 128, 1)) -
          exact,
      );
    }
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
    expect(Math.abs(mean)).toBeLessThan(0.03); // standard error of the mean about 0.008
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.17); // four standard deviations
  });

  it('gives the same signature on every machine', () => {
    expect([...sign('The ferry was late again, they said.', 6)]).toMatchInlineSnapshot(`
      [
        -2076792604,
        -1571990428,
        -1785523059,
        -1134751407,
        -1938906600,
        -1111488221,
      ]
    `);
  });

  it('signs texts shorter than a shingle', () => {
    expect(estimateSimilarity(sign('late'), sign('Late!'))).toBe(1);
    expect(estimateSimilarity(sign('late'), sign('early'))).toBeLessThan(0.1);
  });

  it.each([0.5, 0.7, 0.8, 0.9])(
    'chooses bands that find a pair at the threshold %f nearly always',
    (threshold) => {
      const { bands, rowsPerBand } = chooseBands(128, threshold);
      expect(bands * rowsPerBand).toBeLessThanOrEqual(128);
      const found = (similarity: number): number => 1 - (1 - similarity ** rowsPerBand) ** bands;
      expect(found(threshold)).toBeGreaterThanOrEqual(0.98);
      expect(found(threshold / 3)).toBeLessThan(0.5);
    },
  );

  it('hashes each band from its own entries only', () => {
    const shape = { bands: 3, rowsPerBand: 2 };
    const a = new Int32Array(3);
    const b = new Int32Array(3);
    hashBands(Int32Array.of(1, 2, 1, 2, 5, 6), shape, a);
    hashBands(Int32Array.of(1, 2, 9, 2, 5, 6), shape, b);
    expect([a[0] === b[0], a[1] === b[1], a[2] === b[2]]).toEqual([true, false, true]);
    expect(a[0]).not.toBe(a[1]);
  });
});
