import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import { loadArticleIndex, saveArticleIndex } from './article-index.ts';
import { fitClassDistance, measureDistance } from './class-distance.ts';
import { createOutOfDistributionDetector } from './detector.ts';
import { buildFeatureVector } from './feature-vector.ts';
import { buildLetterProfile, scoreLetters } from './letter-profile.ts';
import { listSeenFeatures, measureUnseenShare } from './seen-features.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-out-of-distribution-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ENGLISH =
  'The harbour office said on Tuesday that the ferry would sail again once its engine had been repaired, and that those who had bought tickets for the weekend could use them later in the month without paying more.';
const OTHER_ENGLISH =
  'Members of the council voted to put off the decision about the water pipes, which has been waiting since the spring, because two of the offers that they had asked for did not come in time.';
const GERMAN =
  'Das Hafenamt teilte am Dienstag mit, dass die F\u00e4hre nach der Reparatur ihrer Maschine wieder fahren werde und dass bereits gekaufte Fahrkarten sp\u00e4ter im Monat ohne Aufpreis g\u00fcltig bleiben.';
const RUSSIAN =
  '\u041f\u043e\u0440\u0442 \u0441\u043e\u043e\u0431\u0449\u0438\u043b \u0432\u043e \u0432\u0442\u043e\u0440\u043d\u0438\u043a, \u0447\u0442\u043e \u043f\u0430\u0440\u043e\u043c \u0441\u043d\u043e\u0432\u0430 \u043f\u043e\u0439\u0434\u0451\u0442 \u043f\u043e\u0441\u043b\u0435 \u0440\u0435\u043c\u043e\u043d\u0442\u0430 \u0434\u0432\u0438\u0433\u0430\u0442\u0435\u043b\u044f.';
async function* each(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('the letter profile', () => {
  test('fits other texts of its language better than those of another, whichever language that is', async () => {
    const english = await buildLetterProfile(each([ENGLISH]));
    expect(scoreLetters(english, OTHER_ENGLISH)!.mean).toBeGreaterThan(scoreLetters(english, GERMAN)!.mean);
    expect(scoreLetters(english, GERMAN)!.mean).toBeGreaterThan(scoreLetters(english, RUSSIAN)!.mean);
    const german = await buildLetterProfile(each([GERMAN]));
    expect(scoreLetters(german, GERMAN)!.mean).toBeGreaterThan(scoreLetters(german, ENGLISH)!.mean);
  });

  test('scores the pairs that it was built of, in any script and form', async () => {
    const texts = [
      ENGLISH,
      RUSSIAN,
      'Cafe\u0301s, nai\u0308ve; \u0130stanbul \u{1d4d0}\u{1d4d1} \ud835 \u{1f6a2} 12 don\u2019t O\u2019Neil STRASSE\u00df',
    ];
    const profile = await buildLetterProfile(each(texts));
    for (const text of texts) {
      // the same by strings, as the profile counts them
      const values: number[] = [];
      for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{M}]+/gu)) {
        const letters = [' ', ...word, ' '];
        for (let i = 1; i < letters.length; i++)
          values.push(profile.pairs[letters[i - 1]! + letters[i]!] ?? profile.other);
      }
      const { mean, pairs } = scoreLetters(profile, text)!;
      expect(pairs).toBe(values.length);
      expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 12);
    }
  });

  test('says nothing of a text of few letters', async () => {
    const profile = await buildLetterProfile(each([ENGLISH]));
    expect(scoreLetters(profile, '12:30 \u2014 \ud83d\ude80 no')).toBeNull();
  });

  test('warns of another language, and not of the same', async () => {
    const profile = await buildLetterProfile(each([ENGLISH, OTHER_ENGLISH]));
    const lowest = scoreLetters(profile, ENGLISH)!.mean;
    const detector = createOutOfDistributionDetector(
      { quantile: 0.99, letters: { lowest, articles: 1 }, distance: null },
      profile,
      null,
    );
    const measure = (text: string) => detector.measure({ title: '', text, ids: new Int32Array(0) });
    const usual = measure(OTHER_ENGLISH);
    expect(usual).toMatchObject({ distance: null, warnings: [] });
    const { letterScore, warnings } = measure(RUSSIAN);
    expect(letterScore).toBeLessThan(usual.letterScore!);
    expect(warnings).toEqual([
      { code: 'OUT_OF_DISTRIBUTION_LETTERS', score: letterScore, lowest: expect.any(Number) },
    ]);
    expect(measure('12:30').letterScore).toBeNull();
  });
});

describe('the distance to the classes', () => {
  const random = createRandom(5, 'distance');
  /** Two classes at (0, 0, 0) and (9, 0, 0), ten times as wide along the second axis as along the third. */
  const rows = 400;
  const vectors = new Float32Array(rows * 3);
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
  for (let row = 0; row < rows; row++)
    vectors.set([labels[row]! * 9 + random.normal(), 10 * random.normal(), random.normal()], row * 3);
  const space = fitClassDistance(vectors, labels, 2);

  test('is about one for articles like those of training, and counts in their spread', () => {
    let sum = 0;
    for (let row = 0; row < rows; row++)
      sum += measureDistance(space, vectors.subarray(row * 3, row * 3 + 3)) ** 2;
    expect(Math.sqrt(sum / rows)).toBeGreaterThan(0.5);
    expect(Math.sqrt(sum / rows)).toBeLessThan(1.2);
    expect(measureDistance(space, [9, 0, 0])).toBeLessThan(0.2);
    expect(measureDistance(space, [0, 0, 20])).toBeGreaterThan(2 * measureDistance(space, [0, 20, 0]));
  });

  test('is that of the nearest class, through the whole spread', () => {
    const own = [...vectors.subarray(0, 3)];
    const distances = [0, 1].map((c) => {
      const centred = own.map((value, d) => value - space.means[c * 3 + d]!);
      const squares = [0, 1, 2].map(
        (i) =>
          centred.reduce((sum, value, j) => sum + (j > i ? 0 : space.whitening[i * 3 + j]! * value), 0) ** 2,
      );
      return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / 3);
    });
    expect(measureDistance(space, own)).toBeCloseTo(Math.min(...distances), 6);
  });

  test('is that of Mahalanobis where the spread is a ball', () => {
    const own = fitClassDistance(Float32Array.of(1, 0, -1, 0, 0, 1, 0, -1), [0, 0, 0, 0], 1);
    // spread [[0.5, 0], [0, 0.5]]: distance of (3, 4) is 5 / sqrt(0.5), per dimension / sqrt(2)
    expect(measureDistance(own, [3, 4])).toBeCloseTo(5, 4);
  });

  test('can be fitted with fewer articles than dimensions', () => {
    const few = fitClassDistance(
      Float32Array.from({ length: 3 * 50 }, () => random.normal()),
      [0, 1, 0],
      2,
    );
    expect(Number.isFinite(measureDistance(few, new Float32Array(50).fill(3)))).toBe(true);
  });
});

test('the linear model counts the features that no training article had', () => {
  const known = listSeenFeatures(Float32Array.of(0, 0, 0.5, 0, 0, 0, -1, 1), 2);
  expect(measureUnseenShare(known, Int32Array.of(1, 3, 2, 0))).toBe(0.5);
  expect(measureUnseenShare(known, new Int32Array(0))).toBe(0);
});

describe('the index of training articles', () => {
  test('finds an article again, then its neighbours, and keeps no text', () => {
    const random = createRandom(9, 'index');
    const count = 50;
    const vectors = Float32Array.from({ length: count * 32 }, () => 5 + random.normal());
    const articles = Array.from({ length: count }, (_, i) => ({
      title: `Title ${i}\n"quoted"`,
      source: i % 2 === 0 ? 'Courier' : null,
      label: 'REAL',
    }));
    mkdirSync(join(folder, 'model'));
    saveArticleIndex(join(folder, 'model'), articles, vectors);
    const index = loadArticleIndex(join(folder, 'model'));
    const near = vectors.slice(7 * 32, 8 * 32).map((value) => value + 0.01 * random.normal());
    const [first, second] = index.findNearest(near, 2);
    expect(first).toEqual({ ...articles[7], similarity: expect.any(Number) });
    expect(first!.similarity).toBeGreaterThan(0.99);
    expect(second!.similarity).toBeLessThan(0.9);
    expect(index.findNearest(near, 99).length).toBe(count);
  });

  test('puts articles of the linear model that share words nearer than those that share none', () => {
    const ids = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => 1 + from + i);
    const articles = ['same', 'half', 'other'].map((title) => ({ title, source: null, label: 'FAKE' }));
    const vectors = new Float32Array(3 * 256);
    [ids(0, 200), ids(100, 300), ids(1000, 1200)].forEach((features, row) => {
      vectors.set(buildFeatureVector(features), row * 256);
    });
    saveArticleIndex(folder, articles, vectors);
    const found = loadArticleIndex(folder).findNearest(buildFeatureVector(ids(0, 200)), 3);
    expect(found.map(({ title }) => title)).toEqual(['same', 'half', 'other']);
  });
});
