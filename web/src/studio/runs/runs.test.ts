// Tests of what the view of the runs computes: columns, sorting, rows in sight, changes that arrive, and its addresses.
import { describe, expect, test } from 'vitest';
import type { RunFacts, RunsFound } from '../../../../src/client/studio-types.ts';
import { formatPlace, parsePlace } from '../place.ts';
import { readEvents } from '../studio-api.ts';
import { findColumn, formatBytes, sortRuns } from './columns.ts';
import { compareTags } from './run-notes.tsx';
import { flattenRecord } from './run-parts.tsx';
import { appendCurve } from './use-curves.ts';
import { applyChanges } from './use-runs.ts';
import { findVisibleRows } from './visible-rows.ts';

function createRun(id: string, facts: Partial<RunFacts> = {}): RunFacts {
  return {
    id,
    createdAt: `2026-11-30T10:00:0${id.length}Z`,
    status: 'finished',
    model: 'compact',
    datasetVersion: 'ds-1',
    parents: [],
    steps: 10,
    best: null,
    test: null,
    modelVersion: null,
    seconds: null,
    peakMemoryBytes: null,
    tags: [],
    note: null,
    machine: null,
    metrics: [],
    config: {},
    ...facts,
  };
}

const list = (runs: readonly RunFacts[]): RunsFound => ({
  runs,
  total: runs.length,
  damaged: [],
  cursor: '1',
});

describe('addresses of the studio', () => {
  test('parse to what was formatted, with names in any script', () => {
    for (const place of [
      { section: 'runs' as const, query: { where: 'val_loss<0.2 and note=größer', x: 'epoch' } },
      { section: 'lineage' as const, id: 'md5:0a/1b', query: {} },
      { section: 'registry' as const, id: '模型@3', query: {} },
    ])
      expect(parsePlace(formatPlace(place))).toEqual(place);
  });

  test('show the runs for an unknown part', () => {
    expect(parsePlace('nowhere/x')).toEqual({ section: 'runs', query: {} });
    expect(parsePlace('')).toEqual({ section: 'runs', query: {} });
  });
});

describe('columns', () => {
  test('find the last, least and greatest value of a metric, and a setting', () => {
    const run = createRun('a', {
      metrics: [{ name: 'val_loss', last: 0.3, lastStep: 9, min: 0.2, max: 'Infinity' }],
      config: { 'optimizer.lr': 0.001 },
    });
    expect(findColumn('min:val_loss')!.value(run)).toBe(0.2);
    expect(findColumn('max:val_loss')!.text(run)).toBe('∞');
    expect(findColumn('config:optimizer.lr')!.text(run)).toBe('0.001');
    expect(findColumn('last:absent')!.value(run)).toBeNull();
    expect(findColumn('nonsense')).toBeUndefined();
  });

  test('sort runs without a value to the end in both directions', () => {
    const runs = [
      createRun('a', { seconds: null }),
      createRun('b', { seconds: 3 }),
      createRun('c', { seconds: 9 }),
    ];
    const column = findColumn('duration')!;
    expect(sortRuns(runs, column, false).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    expect(sortRuns(runs, column, true).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  test('format sizes', () => {
    expect([12, 3_400_000, 250_000_000].map(formatBytes)).toEqual(['12 B', '3.4 MB', '250 MB']);
  });
});

describe('findVisibleRows', () => {
  test('draws few of many rows and keeps the height of all', () => {
    const rows = findVisibleRows({ count: 500, rowHeight: 44, scrollTop: 4400, height: 440 });
    expect(rows.to - rows.from).toBeLessThan(40);
    expect(rows.from).toBeLessThanOrEqual(100);
    expect(rows.to).toBeGreaterThanOrEqual(110);
    expect(rows.above + rows.below + (rows.to - rows.from) * 44).toBe(500 * 44);
  });

  test('stays within a list that became shorter', () => {
    expect(findVisibleRows({ count: 3, rowHeight: 44, scrollTop: 9000, height: 440 })).toMatchObject({
      from: 3,
      to: 3,
    });
  });
});

describe('applyChanges', () => {
  const before = list([createRun('bb', { config: { 'a.b': 1 } }), createRun('a')]);

  test('replaces what changed and keeps the settings that were asked for', () => {
    const { runs, cursor } = applyChanges(
      before,
      { cursor: '2', runs: [createRun('bb', { steps: 20 })], deleted: [] },
      true,
    );
    expect(runs[0]).toMatchObject({ id: 'bb', steps: 20, config: { 'a.b': 1 } });
    expect(runs[1]).toBe(before.runs[1]);
    expect(cursor).toBe('2');
  });

  test('adds a new run at its time only to a list without a filter, and removes deleted ones', () => {
    const changes = { cursor: '2', runs: [createRun('ccc')], deleted: ['a'] };
    expect(applyChanges(before, changes, true).runs.map(({ id }) => id)).toEqual(['ccc', 'bb']);
    expect(applyChanges(before, changes, false).runs.map(({ id }) => id)).toEqual(['bb']);
    expect(applyChanges(before, changes, true).total).toBe(2);
  });
});

describe('appendCurve', () => {
  const curve = (xs: number[], ys: number[]) => ({ xs: Float64Array.from(xs), ys: Float64Array.from(ys) });

  test('puts later points behind and replaces those that came again', () => {
    const grown = appendCurve(curve([1, 2, 3], [10, 20, 30]), curve([3, 4], [31, 40]));
    expect([...grown.xs]).toEqual([1, 2, 3, 4]);
    expect([...grown.ys]).toEqual([10, 20, 31, 40]);
  });

  test('keeps the curve when nothing came', () => {
    const before = curve([1], [2]);
    expect(appendCurve(before, curve([], []))).toBe(before);
  });
});

describe('compareTags', () => {
  test('finds what a text adds and removes, without empty and double ones', () => {
    expect(compareTags(['a', 'b'], ' b, für alle ,, für alle')).toEqual({ add: ['für alle'], remove: ['a'] });
    expect(compareTags([], '')).toEqual({ add: [], remove: [] });
  });
});

describe('flattenRecord', () => {
  test('names nested values by their path, joins lists of words and leaves out what is not set', () => {
    expect(
      flattenRecord({
        machine: { cores: 2, gpu: null },
        command: ['train', 'a=1'],
        files: [],
        list: [{ a: 1 }],
      }),
    ).toEqual([
      ['machine.cores', '2'],
      ['command', 'train a=1'],
      ['list', '[{"a":1}]'],
    ]);
  });
});

describe('readEvents', () => {
  test('splits whole events and keeps the rest', () => {
    expect(readEvents(': hello\n\ndata: {"a":1}\n\nid: 2\ndata: {"b"')).toEqual([
      ['{"a":1}'],
      'id: 2\ndata: {"b"',
    ]);
    expect(readEvents('data: x\r\n\r\n')).toEqual([['x'], '']);
  });
});
