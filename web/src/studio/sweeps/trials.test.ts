// Tests of what the views of a sweep compute from its trials.
import { describe, expect, test } from 'vitest';
import type { SweepFacts, SweepTrial } from '../../../../src/client/studio-types.ts';
import { groupRepeats, isKept, labelOn, listAxes, listBestSoFar, placeOn, rankShades } from './trials.ts';

const sweep: SweepFacts = {
  id: 's',
  createdAt: '2026-11-30T10:00:00Z',
  name: 's',
  status: 'finished',
  method: 'random',
  metric: 'val_loss',
  goal: 'minimize',
  parameters: [
    { name: 'optimizer.rate', kind: 'float', low: 1e-5, high: 1e-1, log: true, choices: null },
    {
      name: 'optimizer.name',
      kind: 'categorical',
      low: null,
      high: null,
      log: false,
      choices: ['adam', 'sgd', null],
    },
    { name: 'model.name', kind: 'categorical', low: null, high: null, log: false, choices: ['a'] },
  ],
  trials: { finished: 3, running: 0, failed: 1, stopped: 0, planned: null },
  best: null,
};

function createTrial(
  number: number,
  value: SweepTrial['value'],
  facts: Partial<SweepTrial> = {},
): SweepTrial {
  return {
    number,
    state: 'finished',
    runId: null,
    parameters: { 'optimizer.rate': 1e-3, 'optimizer.name': 'sgd', 'model.name': 'a' },
    value,
    createdAt: null,
    finishedAt: null,
    reports: [],
    ...{ repeats: null, seed: null, failure: null },
    ...facts,
  };
}

describe('listBestSoFar', () => {
  test('names each improvement, for both goals, and skips what has no result', () => {
    const trials = [
      createTrial(0, 0.5),
      createTrial(1, 'NaN'),
      createTrial(2, 0.1, { state: 'stopped' }),
      createTrial(3, 0.6),
      createTrial(4, 0.4),
    ];
    expect(listBestSoFar(trials, 'minimize').map(({ trial }) => trial)).toEqual([0, 4]);
    expect(listBestSoFar(trials, 'maximize').map(({ trial }) => trial)).toEqual([0, 3]);
  });
});

describe('the axes of parallel coordinates', () => {
  const trials = [createTrial(0, 0.5), createTrial(1, 0.1, { parameters: { 'optimizer.rate': 1e-5 } })];
  const axes = listAxes(sweep, trials);

  test('stand in the order of the parameters, with the result at the end', () => {
    expect(axes.map(({ name }) => name)).toEqual([
      'optimizer.rate',
      'optimizer.name',
      'model.name',
      'val_loss',
    ]);
    expect(axes.map(({ shortName }) => shortName)).toEqual([
      'rate',
      'optimizer.name',
      'model.name',
      'val_loss',
    ]);
  });

  test('are logarithmic where the parameter is, and put choices at even distances', () => {
    expect(placeOn(axes[0]!, trials[0]!)).toBeCloseTo(0.5, 10);
    expect(placeOn(axes[1]!, trials[0]!)).toBeCloseTo(0.5, 10);
    expect(axes[1]!.ticks.map(({ label }) => label)).toEqual(['adam', 'sgd', 'null']);
    expect(placeOn(axes[2]!, trials[0]!)).toBe(0.5);
  });

  test('have no place for a parameter that is not active', () => {
    expect(placeOn(axes[1]!, trials[1]!)).toBeNull();
    expect(labelOn(axes[1]!, trials[1]!)).toBe('–');
  });

  test('keep only the trials that pass every drawn range', () => {
    const brushes = new Map([['optimizer.rate', [0.4, 0.6] as const]]);
    expect(trials.map((trial) => isKept(trial, axes, brushes))).toEqual([true, false]);
    expect(isKept(trials[1]!, axes, new Map([['optimizer.name', [0, 1] as const]]))).toBe(false);
    expect(isKept(trials[1]!, axes, new Map())).toBe(true);
  });
});

describe('rankShades', () => {
  test('gives the best 0 and the worst 6, whatever the distances', () => {
    const trials = [createTrial(0, 1), createTrial(1, 1000), createTrial(2, 2), createTrial(3, null)];
    expect([...rankShades(trials, 'minimize')]).toEqual([
      [0, 0],
      [2, 3],
      [1, 6],
    ]);
    expect(rankShades(trials, 'maximize').get(1)).toBe(0);
  });
});

describe('groupRepeats', () => {
  test('collects the results of each setting, with the trial that proposed it', () => {
    const measured = (trial: number) => ({ trial, n: 2, mean: 0.3, deviation: 0.1, beatsBest: 0.5 });
    const noise = {
      settings: [measured(2), measured(0)],
      ...{ pooledDeviation: 0.1, isClear: false, says: 'within' },
    };
    const repeats = groupRepeats(
      [
        createTrial(0, 0.5),
        createTrial(1, 0.1),
        createTrial(2, 0.2),
        createTrial(3, 0.4, { repeats: 2, seed: 1 }),
        createTrial(4, 0.6, { repeats: 0, seed: 1 }),
        createTrial(5, null, { repeats: 0, seed: 2, state: 'failed' }),
      ],
      noise,
    );
    expect(repeats.map(({ trial, results }) => [trial?.number, results.map(({ value }) => value)])).toEqual([
      [2, [0.2, 0.4]],
      [0, [0.5, 0.6]],
    ]);
  });
});
