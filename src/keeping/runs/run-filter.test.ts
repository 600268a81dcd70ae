import { describe, expect, it } from 'vitest';
import { filterRuns, parseRunFilter, sortRuns } from './run-filter.ts';
import type { RunSummary } from './run-summary.ts';

const figures = { accuracy: 0.9, macroF1: 0.89, rocAuc: 0.95, brier: 0.1, ece: 0.05, loss: 0.31 };
const base: RunSummary = {
  id: 'run-20260101-000000-aaaa',
  createdAt: '2026-01-01T00:00:00.000Z',
  status: 'finished',
  model: 'compact',
  datasetVersion: 'ds-0123456789ab',
  steps: 100,
  best: { step: 80, metrics: figures, calibratedLoss: 0.15 },
  test: figures,
  modelVersion: 'sample@1',
  seconds: 61.5,
  peakMemoryBytes: 1e9,
  tags: ['baseline', 'good'],
  note: 'Longer articles',
  machine: 'trainer-1',
  parents: ['ds-0123456789ab'],
  config: { seed: 7, optimizer: { lr: 1e-3, kind: 'adamw' }, register: null, data: { path: 'a b.csv' } },
  metrics: {
    train_loss: { last: 0.2, min: 0.1, max: 0.7, lastStep: 100 },
    val_loss: { last: 0.3, min: 0.15, max: 0.7, lastStep: 100 },
  },
};
const linear: RunSummary = {
  ...base,
  id: 'run-20260201-000000-bbbb',
  createdAt: '2026-02-01T00:00:00.000Z',
  status: 'failed',
  model: 'linear',
  best: null,
  modelVersion: null,
  tags: [],
  note: null,
  config: { seed: 3, optimizer: { lr: 0.5, kind: 'sgd' } },
  metrics: { train_loss: { last: Number.NaN, min: 0.4, max: 0.9, lastStep: 10 } },
};
const runs = [base, linear];
const find = (text: string): string[] => filterRuns(parseRunFilter(text), runs).map(({ model }) => model);

describe('a filter of runs', () => {
  it.each([
    ['val_loss<0.2 and model=compact', ['compact']],
    ['val_loss < 0.15', []],
    ['val_loss<=0.15', ['compact']],
    ['val_loss.last > 0.25', ['compact']],
    ['train_loss.min >= 0.4', ['linear']],
    ['optimizer.lr>1e-2', ['linear']],
    ['config.seed==7', ['compact']],
    ['model=compact or model=linear', ['compact', 'linear']],
    ['not (model=compact or status=failed)', []],
    ['NOT model=compact AND status=failed', ['linear']],
    ['status=failed or model=compact and seed=3', ['linear']],
    ['tag=good', ['compact']],
    ['tag!=good', ['linear']],
    ['tag = null', ['linear']],
    ['note ~ "longer ART"', ['compact']],
    ['note !~ longer', ['linear']],
    ['created >= 2026-01-15', ['linear']],
    ['model_version = null', ['linear']],
    ['model_version != null', ['compact']],
    ['train_loss = nan', ['linear']],
    ['data.path = "a b.csv"', ['compact']],
    ['val_loss != 0.15', ['linear']],
    ['test_accuracy > 0', ['compact', 'linear']],
  ])('understands %s', (text, expected) => {
    const withTest = runs.map((run) => ({
      ...run,
      metrics: { ...run.metrics, test_accuracy: { last: 0.9, min: 0.9, max: 0.9, lastStep: 1 } },
    }));
    const found = filterRuns(parseRunFilter(text), withTest).map(({ model }) => model);
    expect(found).toEqual(expected);
  });

  it.each([
    ['', 1, 'the name of a field', 'the end'],
    ['val_loss', 9, 'one of =', 'the end'],
    ['val_loss <', 11, 'a value', 'the end'],
    ['val_loss < 0.2 model=compact', 16, 'and, or, or the end', 'model'],
    ['(model=a', 9, ')', 'the end'],
    ['note ~ "open', 13, 'a closing "', 'the end'],
    ['= 3', 1, 'the name of a field', '='],
  ])('says where %j is wrong', (text, position, expected, got) => {
    let details: unknown;
    try {
      parseRunFilter(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'RUN_FILTER_INVALID' });
      details = (error as { details: unknown }).details;
    }
    expect(details).toMatchObject({ position, expected: expect.stringContaining(expected), got });
  });

  it('refuses a field that no run has, and names the closest', () => {
    expect(() => find('val_los<0.2')).toThrow(/val_los/);
    expect(() => find('optimiser.lr=1')).toThrow(expect.objectContaining({ code: 'RUN_FIELD_UNKNOWN' }));
    expect(filterRuns(parseRunFilter('anything=1'), [])).toEqual([]);
  });

  it('does not take names of the language for fields', () => {
    expect(() => find('constructor=1')).toThrow(expect.objectContaining({ code: 'RUN_FIELD_UNKNOWN' }));
  });
});

describe('sorting runs', () => {
  it('orders by numbers and dates, with missing values last both ways', () => {
    const ids = (field: string, direction: 'ascending' | 'descending') =>
      sortRuns(runs, field, direction).map(({ model }) => model);
    expect(ids('seed', 'ascending')).toEqual(['linear', 'compact']);
    expect(ids('created', 'descending')).toEqual(['linear', 'compact']);
    expect(ids('val_loss', 'ascending')).toEqual(['compact', 'linear']);
    expect(ids('val_loss', 'descending')).toEqual(['compact', 'linear']);
    expect(ids('train_loss', 'ascending')).toEqual(['compact', 'linear']);
  });

  it.each([
    ['brackets', `${'('.repeat(20_000)}model=a`],
    ['nots', `${'not '.repeat(20_000)}model=a`],
    ['comparisons', Array(20_000).fill('model=a').join(' and ')],
  ])('refuses more %s than its stack holds', (_what, text) => {
    expect(() => parseRunFilter(text)).toThrow(expect.objectContaining({ code: 'RUN_FILTER_INVALID' }));
  });
});
