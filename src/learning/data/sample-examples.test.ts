import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSampleExamples } from './sample-examples.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-examples-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('loadSampleExamples', () => {
  test('holds five bundled articles of each class', () => {
    const labels = loadSampleExamples().map((example) => example.label);
    expect(labels.filter((label) => label === 'FAKE')).toHaveLength(5);
    expect(labels.filter((label) => label === 'REAL')).toHaveLength(5);
  });

  test('numbers the examples', () => {
    const path = join(folder, 'examples.json');
    writeFileSync(path, '[{"title":"a","text":"b","label":"REAL","source":"c"}]');
    expect(loadSampleExamples(path)).toEqual([
      { id: 'example-1', title: 'a', text: 'b', label: 'REAL', source: 'c' },
    ]);
  });

  test('returns none if the sample is not installed, and names a broken file', () => {
    expect(loadSampleExamples(join(folder, 'none.json'))).toEqual([]);
    writeFileSync(join(folder, 'broken.json'), '[{"title":1}]');
    expect(() => loadSampleExamples(join(folder, 'broken.json'))).toThrow(
      expect.objectContaining({ code: 'FILE_CORRUPT' }),
    );
  });
});
