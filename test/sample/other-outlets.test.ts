// Tests the promises about the second synthetic collection on the committed file: it is balanced, no mark of form reveals
// its labels, and to a model of the first sample it is out of source.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatRows, type SampleRow } from '../../scripts/sample/build-sample.ts';
import { buildCollection, loadOtherPieces } from '../../scripts/sample/other-outlets/build-collection.ts';
import { jaccard, shinglesOf } from '../../scripts/sample/similarity.ts';
import { crossValidate, type Labelled, trainBayes, wordsOf } from './bag-of-words.ts';

const read = (name: string): string => readFileSync(new URL(`../../sample/${name}`, import.meta.url), 'utf8');
const parseRows = (file: string): SampleRow[] =>
  file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SampleRow);
const file = read('other-outlets.jsonl');
const rows = parseRows(file);
const sample = parseRows(read('articles.jsonl'));

const toItem = (row: SampleRow): Labelled => ({
  tokens: wordsOf(`${row.title} ${row.text}`),
  label: row.label,
});
const accuracyBy = (textOf: (row: SampleRow) => string[]): number =>
  crossValidate(
    rows.map((row) => ({ tokens: textOf(row), label: row.label })),
    (index) => index % 5,
  );
const shareOf = (values: readonly boolean[]): number => values.filter(Boolean).length / values.length;

describe('the collection of other outlets', () => {
  it('is what the generator writes, byte for byte', () => {
    expect(formatRows(buildCollection()) === file).toBe(true);
  });

  it('holds 160 complete articles named as synthetic, in the shape of the sample', () => {
    expect(rows).toHaveLength(160);
    expect(read('README.md')).toContain('`other-outlets.jsonl` | 160 articles, 80 FAKE and 80 REAL');
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(Object.keys(sample[0]!));
      expect(row.id).toMatch(/^synthetic-other-\d{3}$/);
      expect(row.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(row.text.split(' ').length).toBeGreaterThan(25);
      expect(`${row.title} ${row.text}`, row.id).not.toMatch(/[[\]{}|<>]|undefined| {2}|\bA [aeio](?!ne\b)/);
    }
  });

  it('has as many of each class overall, per outlet, per topic and among the hand-written', () => {
    const fakeShares = (values: readonly Pick<SampleRow, 'label' | 'source' | 'topic'>[]) => {
      const groups = new Map<string, boolean[]>();
      for (const { label, source, topic } of values) {
        for (const name of [source, topic]) groups.set(name, [...(groups.get(name) ?? []), label === 'FAKE']);
      }
      return [...groups.values()].map(shareOf);
    };
    expect(shareOf(rows.map((row) => row.label === 'FAKE'))).toBe(0.5);
    expect(new Set(rows.map((row) => row.source)).size).toBe(5);
    expect(new Set(fakeShares(rows))).toEqual(new Set([0.5]));
    expect(loadOtherPieces()).toHaveLength(32);
    expect(new Set(fakeShares(loadOtherPieces()))).toEqual(new Set([0.5]));
  });

  it('shares no outlet, title or near duplicate with the sample, and has none of its own', () => {
    const outlets = new Set(sample.map((row) => row.source));
    expect(rows.filter((row) => outlets.has(row.source))).toEqual([]);
    const titles = [...sample, ...rows].map((row) => row.title);
    expect(new Set(titles).size).toBe(titles.length);
    // Only texts that share a shingle can be similar.
    const known = sample.map((row) => shinglesOf(row.text));
    const holders = new Map<string, number[]>();
    const remember = (shingles: ReadonlySet<string>, index: number): void => {
      for (const shingle of shingles) holders.set(shingle, [...(holders.get(shingle) ?? []), index]);
    };
    known.forEach(remember);
    let highest = 0;
    for (const row of rows) {
      const own = shinglesOf(row.text);
      const alike = new Set([...own].flatMap((shingle) => holders.get(shingle) ?? []));
      for (const index of alike) highest = Math.max(highest, jaccard(own, known[index]!));
      remember(own, known.push(own) - 1);
    }
    expect(highest).toBeGreaterThan(0);
    expect(highest).toBeLessThan(0.4);
  });

  it('does not give the label away by outlet, topic, length or punctuation', () => {
    const marks: Record<string, (row: SampleRow) => string[]> = {
      outlet: (row) => [row.source],
      topic: (row) => [row.topic],
      length: (row) => [String(Math.floor(row.text.split(' ').length / 15))],
      quotes: (row) => [String(row.text.split('"').length)],
      questions: (row) => [String(row.text.includes('?'))],
      digits: (row) => [String((row.text.match(/\d+/g) ?? []).length)],
      capitals: (row) => [String((row.title.match(/\b[A-Z]/g) ?? []).length)],
    };
    for (const [name, textOf] of Object.entries(marks))
      expect(accuracyBy(textOf), name).toBeLessThanOrEqual(0.62);
  });

  it('is clearly harder for a bag-of-words model of the sample than unseen articles of it, yet allows more than guessing', () => {
    const inSource = crossValidate(sample.map(toItem), (index) => index % 5);
    const judge = trainBayes(sample.map(toItem));
    const elsewhere = shareOf(rows.map((row) => judge(toItem(row).tokens) === row.label));
    expect(elsewhere).toBeLessThan(inSource - 0.1);
    expect(elsewhere).toBeGreaterThan(0.55);
  });
});
