import { expect, test } from 'vitest';
import { createSampler } from './create-sampler.ts';
import type { Observation, Sampler } from './sampler.ts';
import type { Assignment, SearchSpace } from './space.ts';

const finite: SearchSpace = {
  model: { kind: 'categorical', choices: ['linear', 'compact'] },
  layers: { kind: 'int', low: 1, high: 3, when: { parameter: 'model', values: ['compact'] } },
  strip: { kind: 'categorical', choices: [true, false] },
};
const tried = (parameters: Assignment): Observation => ({
  parameters,
  state: 'failed',
  value: null,
  reports: [],
});

function drawAll(sampler: Sampler, limit: number): Assignment[] {
  const proposed: Assignment[] = [];
  while (proposed.length < limit) {
    const next = sampler.propose(proposed.map(tried));
    if (next === null) break;
    proposed.push(next);
  }
  return proposed;
}

test.each(['grid', 'random'] as const)(
  '%s proposes each assignment of a finite space once, then null',
  (method) => {
    const proposed = drawAll(createSampler({ method, space: finite, seed: 1 }), 100);
    expect(proposed).toHaveLength(8);
    expect(new Set(proposed.map((values) => JSON.stringify(values))).size).toBe(8);
  },
);

test('a grid over a continuous range is refused', () => {
  const space: SearchSpace = { rate: { kind: 'float', low: 0, high: 1 } };
  expect(() => createSampler({ method: 'grid', space, seed: 1 })).toThrow(/rate: expected choices or a step/);
});

test('random proposals follow from seed and history, and differ between seeds', () => {
  const space: SearchSpace = { rate: { kind: 'float', low: 1e-5, high: 1e-1, log: true } };
  const draw = (seed: number) => drawAll(createSampler({ method: 'random', space, seed }), 160);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const small = draw(3).filter((values) => (values.rate as number) < 1e-3).length;
  expect(small).toBeGreaterThan(55);
  expect(small).toBeLessThan(105);
});

test.each(['random', 'tpe', 'gp'] as const)(
  '%s proposes after a restart what it would have proposed without, also beside running and failed trials',
  (method) => {
    const space: SearchSpace = { ...finite, rate: { kind: 'float', low: 1e-5, high: 1e-1, log: true } };
    const options = { method, space, seed: 4, startTrials: 4 } as const;
    const used = createSampler(options);
    const history: Observation[] = [];
    for (let i = 0; i < 14; i++) {
      const parameters = used.propose(history) as Assignment;
      expect(createSampler(options).propose(history)).toEqual(parameters);
      const state = i % 5 === 3 ? 'failed' : i > 11 ? 'running' : 'finished';
      const value = state === 'finished' ? Math.abs(Math.log10(parameters.rate as number) + 3) : null;
      history.push({ parameters, state, value, reports: [] });
    }
  },
);
