import { expect, test } from 'vitest';
import { createRandom } from '../../foundation/core/index.ts';
import { listAssignments } from './assignment.ts';
import { normalMass } from './normal-mass.ts';
import { createParzenEstimator } from './parzen-estimator.ts';
import type { SearchSpace } from './space.ts';

test('the mass of a normal distribution agrees with tables, also far in a tail', () => {
  expect(normalMass(-1.96, 1.96)).toBeCloseTo(0.9500042097, 9);
  expect(normalMass(0, 1)).toBeCloseTo(0.3413447461, 9);
  expect(normalMass(2.9, 3.1) / 0.0008982).toBeCloseTo(1, 3);
  expect(normalMass(-6.5, -6) / 9.4643e-10).toBeCloseTo(1, 3);
  expect(normalMass(50, 60)).toBe(0);
});

test('densities over a finite space with conditions sum to 1', () => {
  const space: SearchSpace = {
    model: { kind: 'categorical', choices: ['linear', 'encoder', 'other'] },
    layers: { kind: 'int', low: 1, high: 40, log: true, when: { parameter: 'model', values: ['encoder'] } },
    rate: { kind: 'float', low: 0, high: 1, step: 0.25 },
  };
  const estimator = createParzenEstimator(space, [
    { model: 'encoder', layers: 3, rate: 0.25 },
    { model: 'linear', rate: 0.25 },
    { model: 'encoder', layers: 12, rate: 1 },
  ]);
  let sum = 0;
  for (const values of listAssignments(space)) sum += Math.exp(estimator.logDensity(values));
  expect(sum).toBeCloseTo(1, 9);
});

test('the density over a logarithmic range integrates to 1 on its scale, and samples follow it', () => {
  const space: SearchSpace = { rate: { kind: 'float', low: 1e-6, high: 1, log: true } };
  const estimator = createParzenEstimator(space, [{ rate: 1e-3 }, { rate: 2e-3 }, { rate: 1e-6 }]);
  const cells = 2000;
  let sum = 0;
  let below = 0;
  for (let i = 0; i < cells; i++) {
    const unit = (i + 0.5) / cells;
    const density = Math.exp(estimator.logDensity({ rate: 10 ** (6 * unit - 6) })) / cells;
    sum += density;
    if (unit < 0.3) below += density;
  }
  expect(sum).toBeCloseTo(1, 4);
  const random = createRandom(7);
  let drawnBelow = 0;
  for (let i = 0; i < 4000; i++)
    if (Math.log10(estimator.sample(random).rate as number) < 6 * 0.3 - 6) drawnBelow++;
  expect(drawnBelow / 4000).toBeCloseTo(below, 1);
});

test('old assignments count less than the latest 25', () => {
  const space: SearchSpace = { rate: { kind: 'float', low: 0, high: 1 } };
  const old = Array.from({ length: 25 }, (_, i) => ({ rate: 0.1 + i / 1000 }));
  const latest = Array.from({ length: 25 }, (_, i) => ({ rate: 0.9 - i / 1000 }));
  const estimator = createParzenEstimator(space, [...old, ...latest]);
  expect(estimator.logDensity({ rate: 0.88 })).toBeGreaterThan(estimator.logDensity({ rate: 0.11 }) + 0.3);
});
