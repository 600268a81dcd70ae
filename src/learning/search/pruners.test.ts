import { expect, test } from 'vitest';
import { createPruner } from './create-pruner.ts';
import { listBrackets } from './halving-pruner.ts';
import type { PrunerOptions } from './pruner.ts';
import type { Observation } from './sampler.ts';

const options = (kind: PrunerOptions['kind'], rest: Partial<PrunerOptions> = {}): PrunerOptions => ({
  kind,
  minEvaluations: 1,
  eta: 3,
  maxEvaluations: null,
  brackets: null,
  ...rest,
});
const trial = (...values: number[]): Observation => ({
  parameters: {},
  state: 'running',
  value: null,
  reports: values.map((value, i) => ({ step: (i + 1) * 100, value })),
});

test('brackets are min, min * eta, …, or with their number max / eta and below', () => {
  expect(listBrackets(options('asha', { minEvaluations: 3 }), 100)).toEqual([3, 9, 27, 81]);
  expect(listBrackets(options('asha', { maxEvaluations: 27, brackets: 2 }), 100)).toEqual([3, 9]);
  expect(listBrackets(options('asha', { maxEvaluations: 27, brackets: 2 }), 8)).toEqual([3]);
  expect(listBrackets(options('asha', { maxEvaluations: 5, eta: 2, brackets: 9 }), 100)).toEqual([1, 2]);
  expect(listBrackets(options('asha', { maxEvaluations: 35 }), 35)).toEqual([1, 3, 9, 27]);
});

test('hyperband stops the trials that the example of the predecessor’s program stops', () => {
  // Five trials, goal minimize, eta 2, brackets after 1 and 2 evaluations behind the first.
  const all = [trial(9), trial(10), trial(8, 8), trial(7, 7), trial(6, 6)];
  const pruner = createPruner(options('hyperband', { maxEvaluations: 5, eta: 2, brackets: 2 }));
  const stops = all.map((each) =>
    pruner.shouldStop(
      each,
      all.filter((other) => other !== each),
    ),
  );
  expect(stops).toEqual([true, true, true, false, false]);
});

test('hyperband compares a trial between two brackets again, asha only at a bracket', () => {
  const others = [trial(1), trial(1), trial(1), trial(1)];
  const between = trial(5, 4);
  expect(createPruner(options('hyperband')).shouldStop(between, others)).toBe(true);
  expect(createPruner(options('asha')).shouldStop(between, others)).toBe(false);
  expect(createPruner(options('asha')).shouldStop(trial(5), others)).toBe(true);
});

test('asha keeps the best third of all trials that came as far, and the best one whatever their number', () => {
  const pruner = createPruner(options('asha'));
  expect(pruner.shouldStop(trial(9), [])).toBe(false);
  expect(pruner.shouldStop(trial(1), [trial(2)])).toBe(false);
  expect(pruner.shouldStop(trial(3), [trial(2)])).toBe(true);
  const five = [1, 2, 4, 5, 6].map((value) => trial(value));
  expect(pruner.shouldStop(trial(1.5), five)).toBe(false);
  expect(pruner.shouldStop(trial(3), five)).toBe(true);
});

test('median stops a trial whose best value is worse than the median of at least five others', () => {
  const pruner = createPruner(options('median', { minEvaluations: 2 }));
  const others = [1, 2, 3, 4, 5].map((value) => trial(9, value));
  expect(pruner.shouldStop(trial(9, 3.5), others)).toBe(true);
  expect(pruner.shouldStop(trial(9, 2.5), others)).toBe(false);
  expect(pruner.shouldStop(trial(2.5, 9), others)).toBe(false);
  expect(pruner.shouldStop(trial(99), others)).toBe(false);
  expect(pruner.shouldStop(trial(9, 9), others.slice(1))).toBe(false);
});

test.each(['hyperband', 'asha', 'median'] as const)(
  '%s stops a trial whose values are not numbers',
  (kind) => {
    const others = [1, 2, 3, 4, 5].map((value) => trial(value));
    expect(createPruner(options(kind)).shouldStop(trial(Number.NaN), others)).toBe(true);
  },
);

test.each(['hyperband', 'asha', 'median'] as const)('%s stops no trial before its first report', (kind) => {
  expect(
    createPruner(options(kind)).shouldStop(trial(), [trial(1), trial(2), trial(3), trial(4), trial(5)]),
  ).toBe(false);
});
