import { expect, test } from 'vitest';
import { createSampler } from './create-sampler.ts';
import type { Observation } from './sampler.ts';
import type { Assignment, SearchSpace } from './space.ts';

const finished = (parameters: Assignment, value: number): Observation => ({
  parameters,
  state: 'finished',
  value,
  reports: [],
});
const space: SearchSpace = {
  optimizer: { kind: 'categorical', choices: ['sgd', 'adam'] },
  rate: { kind: 'float', low: 1e-5, high: 1, log: true },
  momentum: { kind: 'float', low: 0, high: 1, when: { parameter: 'optimizer', values: ['sgd'] } },
  layers: { kind: 'int', low: 1, high: 12 },
};
const loss = (values: Assignment): number =>
  (Math.log10(values.rate as number) + 3) ** 2 +
  0.1 * ((values.layers as number) - 4) ** 2 +
  (values.optimizer === 'adam' ? 0.2 : ((values.momentum as number) - 0.9) ** 2);

function search(method: 'tpe' | 'random', seed: number, trials: number): Observation[] {
  const sampler = createSampler({ method, space, seed });
  const history: Observation[] = [];
  for (let i = 0; i < trials; i++) {
    const next = sampler.propose(history) as Assignment;
    history.push(finished(next, loss(next)));
  }
  return history;
}
const best = (history: readonly Observation[]): number =>
  Math.min(...history.map((trial) => trial.value as number));

test('it finds better values than random search', () => {
  const wins = [1, 2, 3, 4, 5, 6].filter(
    (seed) => best(search('tpe', seed, 40)) < best(search('random', seed, 40)),
  );
  expect(wins.length).toBeGreaterThanOrEqual(5);
});

test('proposals have exactly the active parameters and follow from seed and history', () => {
  const history = search('tpe', 3, 30);
  for (const { parameters } of history) expect('momentum' in parameters).toBe(parameters.optimizer === 'sgd');
  expect(search('tpe', 3, 30)).toEqual(history);
  const resumed = createSampler({ method: 'tpe', space, seed: 3 });
  expect(resumed.propose(history.slice(0, 20))).toEqual(history[20]?.parameters);
});

test('a finite space is proposed once and whole, then nothing', () => {
  const small: SearchSpace = {
    layers: { kind: 'int', low: 1, high: 5 },
    strip: { kind: 'categorical', choices: [true, false, null] },
  };
  const sampler = createSampler({ method: 'tpe', space: small, seed: 1, startTrials: 3 });
  const history: Observation[] = [];
  for (let next = sampler.propose(history); next !== null; next = sampler.propose(history)) {
    history.push(finished(next, next.layers as number));
  }
  expect(new Set(history.map((trial) => JSON.stringify(trial.parameters))).size).toBe(15);
  expect(history).toHaveLength(15);
});

/** Proposals beside a trial in the given state at the best place found so far: their mean distance from it. */
function meanDistance(state: Observation['state']): number {
  const line: SearchSpace = { x: { kind: 'float', low: 0, high: 1 } };
  const past = Array.from({ length: 30 }, (_, i) =>
    finished({ x: (i + 0.5) / 30 }, Math.abs((i + 0.5) / 30 - 0.5)),
  );
  const others = Array.from({ length: 4 }, (_, i): Observation => {
    const x = 0.49 + i / 150;
    return { parameters: { x }, state, value: state === 'finished' ? Math.abs(x - 0.5) : null, reports: [] };
  });
  let sum = 0;
  for (let seed = 0; seed < 30; seed++) {
    const next = createSampler({ method: 'tpe', space: line, seed }).propose([
      ...past,
      ...others,
    ]) as Assignment;
    sum += Math.abs((next.x as number) - 0.5);
  }
  return sum / 30;
}

test('running and failed trials keep proposals away, good finished ones attract them', () => {
  expect(meanDistance('running')).toBeGreaterThan(2 * meanDistance('finished'));
  expect(meanDistance('failed')).toBeGreaterThan(2 * meanDistance('finished'));
});

test('a history without any result, with NaN or with foreign parameters is searched at random', () => {
  const sampler = createSampler({ method: 'tpe', space, seed: 1, startTrials: 1 });
  const odd: Observation[] = [
    { parameters: { other: 1 }, state: 'finished', value: 0, reports: [] },
    finished({ optimizer: 'adam', rate: 0.1, layers: 2 }, Number.NaN),
    finished({ optimizer: 'adam', rate: 0.2, layers: 2 }, Number.POSITIVE_INFINITY),
    finished({ optimizer: 'adam', rate: 2, layers: 2 }, 1),
    { parameters: { optimizer: 'adam', rate: 0.3, layers: 2 }, state: 'failed', value: null, reports: [] },
  ];
  expect(sampler.propose(odd)).not.toBeNull();
});

test('the first trials fall into different tenths of every range and have all choices equally often', () => {
  const start = search('tpe', 5, 10).map((trial) => trial.parameters);
  const tenths = start.map((values) => Math.floor(2 * (Math.log10(values.rate as number) + 5)));
  expect(new Set(tenths).size).toBe(10);
  expect(start.filter((values) => values.optimizer === 'sgd')).toHaveLength(5);
});
