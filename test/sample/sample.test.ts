// Tests the promises about the bundled synthetic sample on the committed files.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  buildSample,
  formatExamples,
  formatRows,
  type SampleRow,
} from '../../scripts/sample/build-sample.ts';
import { loadPieces } from '../../scripts/sample/handwritten.ts';
import { createSimilarityIndex, jaccard, shinglesOf } from '../../scripts/sample/similarity.ts';
import { crossValidate, wordsOf } from './bag-of-words.ts';

const read = (name: string): string => readFileSync(new URL(`../../sample/${name}`, import.meta.url), 'utf8');
const file = read('articles.jsonl');
const rows = file
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as SampleRow);
const examples = JSON.parse(read('examples.json')) as {
  title: string;
  text: string;
  label: string;
  source: string;
}[];
const sample = buildSample();

/** Row count by value, separately for FAKE and REAL. */
function countBy(key: 'source' | 'topic'): Map<string, { FAKE: number; REAL: number }> {
  const counts = new Map<string, { FAKE: number; REAL: number }>();
  for (const row of rows) {
    const own = counts.get(row[key]) ?? { FAKE: 0, REAL: 0 };
    own[row.label]++;
    counts.set(row[key], own);
  }
  return counts;
}

/** The fold of a row: each story frame and each hand-written piece lies in one fold. */
function foldByFrame(index: number): number {
  const id = rows[index]!.id;
  const family = sample.families[id]!;
  const group = family === 'hand' ? id : family.split('/')[0]!;
  return [...group].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1009, 7) % 5;
}

const accuracyOn = (textOf: (row: SampleRow) => string[]): number =>
  crossValidate(
    rows.map((row) => ({ tokens: textOf(row), label: row.label })),
    foldByFrame,
  );

describe('the synthetic sample', () => {
  it('is what the generator writes, byte for byte', () => {
    expect(formatRows(sample.rows) === file).toBe(true);
    expect(formatExamples(sample.examples) === read('examples.json')).toBe(true);
  });

  it('holds at least 600 complete articles named as synthetic, below 1.5 MB', () => {
    expect(rows.length).toBeGreaterThanOrEqual(600);
    expect(Buffer.byteLength(file)).toBeLessThan(1_500_000);
    expect(read('README.md')).toContain('synthetic');
    expect(read('README.md')).toContain(`${rows.length} articles`);
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(['id', 'title', 'text', 'label', 'source', 'topic', 'date']);
      expect(row.id).toMatch(/^synthetic-\d{4}$/);
      expect(row.label).toMatch(/^(FAKE|REAL)$/);
      expect(row.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(row.text.split(' ').length).toBeGreaterThan(50);
      expect(`${row.title} ${row.text}`, row.id).not.toMatch(/[[\]{}|<>]|undefined| {2}|\bA [aeio](?!ne\b)/);
    }
  });

  it('holds at least thirty hand-written pieces of each class', () => {
    for (const label of ['FAKE', 'REAL']) {
      expect(loadPieces('pieces').filter((piece) => piece.label === label).length).toBeGreaterThanOrEqual(30);
    }
  });

  it('has both classes about equally often overall, per outlet and per topic', () => {
    const outlets = countBy('source');
    const topics = countBy('topic');
    expect(outlets.size).toBeGreaterThanOrEqual(8);
    expect(topics.size).toBeGreaterThanOrEqual(10);
    for (const [name, { FAKE, REAL }] of [...outlets, ...topics]) {
      expect(FAKE / (FAKE + REAL), name).toBeGreaterThan(0.35);
      expect(FAKE / (FAKE + REAL), name).toBeLessThan(0.65);
    }
    const fake = rows.filter((row) => row.label === 'FAKE').length;
    expect(fake / rows.length).toBeCloseTo(0.5, 1);
  });

  it('has no title twice and no two texts that share half of their five-word shingles', () => {
    expect(new Set(rows.map((row) => row.title)).size).toBe(rows.length);
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    const index = createSimilarityIndex();
    let highest = 0;
    for (const row of rows) {
      highest = Math.max(highest, index.highest(row.text));
      index.add(row.text);
    }
    expect(highest).toBeGreaterThan(0);
    expect(highest).toBeLessThan(0.5);
  });

  it('can be learned from words, but not completely', () => {
    const accuracy = accuracyOn((row) => wordsOf(`${row.title} ${row.text}`));
    expect(accuracy).toBeGreaterThan(0.75);
    expect(accuracy).toBeLessThan(0.99);
  });

  it('does not give the label away by outlet, topic, dateline or length', () => {
    expect(accuracyOn((row) => [row.source])).toBeLessThanOrEqual(0.58);
    expect(accuracyOn((row) => [row.topic])).toBeLessThanOrEqual(0.58);
    expect(accuracyOn((row) => [String(row.text.includes('(Nordwire) - '))])).toBeLessThanOrEqual(0.58);
    expect(accuracyOn((row) => [String(Math.floor(row.text.length / 200))])).toBeLessThanOrEqual(0.58);
  });

  it('carries datelines for the cleaning rules in both classes', () => {
    for (const label of ['FAKE', 'REAL']) {
      const dated = rows.filter((row) => row.label === label && /^[A-Z ]+ \(Nordwire\) - /.test(row.text));
      expect(dated.length).toBeGreaterThan(20);
    }
  });
});

describe('the examples of the page', () => {
  it('are five of each class and not among the articles', () => {
    for (const label of ['FAKE', 'REAL'])
      expect(examples.filter((one) => one.label === label)).toHaveLength(5);
    const titles = new Set(rows.map((row) => row.title));
    const index = createSimilarityIndex();
    for (const row of rows) index.add(row.text);
    for (const example of examples) {
      expect(Object.keys(example)).toEqual(['title', 'text', 'label', 'source']);
      expect(titles.has(example.title)).toBe(false);
      expect(index.highest(example.text)).toBeLessThan(0.2);
    }
  });
});

describe('the similarity index', () => {
  it('finds the same highest similarity as comparing with each text', () => {
    const [first, second, third] = rows.map((row) => row.text) as [string, string, string];
    const half = `${first.slice(0, first.length / 2)} ${third}`;
    const index = createSimilarityIndex();
    expect(index.highest(half)).toBe(0);
    for (const text of [first, second]) index.add(text);
    const expected = Math.max(...[first, second].map((text) => jaccard(shinglesOf(half), shinglesOf(text))));
    expect(expected).toBeGreaterThan(0.1);
    expect(index.highest(half)).toBe(expected);
    expect(index.highest(first)).toBe(1);
  });
});
