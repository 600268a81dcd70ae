import { describe, expect, it } from 'vitest';
import { buildModelName, isModelName } from './model-name.ts';

describe('the name of a model after its data', () => {
  it.each([
    ['sample', 'sample'],
    ['Meine Beschwerden 2026.csv', 'meine-beschwerden-2026'],
    ['Größe & Maße.tsv', 'grosse-masse'],
    ['réclamations_été.jsonl', 'reclamations-ete'],
    ['Łódź – Skargi.CSV.gz', 'lodz-skargi'],
    ['isot-titles', 'isot-titles'],
    ['archive.v2.csv', 'archive-v2'],
    ['  --x--  ', 'x'],
    // A command line would read these as a number, a constant or a run.
    ['2026.csv', 'data-2026'],
    ['true.csv', 'data-true'],
    ['run-20260101-000000-abcd.csv', 'data-run-20260101-000000-abcd'],
    ['con.csv', 'data-con'],
    [`${'long name '.repeat(20)}.csv`, 'long-name-'.repeat(6).slice(0, -1)],
  ])('of %j is %s', (data, name) => {
    expect(buildModelName(data)).toBe(name);
  });

  it('tells names without Latin letters apart, and is always one that may be registered', () => {
    const names = ['жалобы.csv', '投诉.csv', 'عربي.csv', '…'].map(buildModelName);
    expect(new Set(names).size).toBe(4);
    for (const name of [...names, ...['2026', 'Run-1', 'a'.repeat(99), 'nul', 'x.csv'].map(buildModelName)])
      expect(isModelName(name), name).toBe(true);
  });
});

describe('a name that may be registered', () => {
  it.each(['My Model', 'ä', '', '-x', 'a/b', '../x', 'a@1', 'run-1', 'x'.repeat(61)])('is not %j', (name) => {
    expect(isModelName(name)).toBe(false);
  });
});
