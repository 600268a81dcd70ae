import { describe, expect, it } from 'vitest';
import { createSampler } from '../create-sampler.ts';
import { keysOf } from '../random-sampler.ts';
import type { Observation, Sampler } from '../sampler.ts';
import type { Assignment, SearchSpace } from '../space.ts';

const MIXED: SearchSpace = {
  rate: { kind: 'float', low: 1e-5, high: 1e-1, log: true },
  batch: { kind: 'int', low: 8, high: 256, step: 8 },
  layers: { kind: 'int', low: 1, high: 6 },
  optimizer: { kind: 'categorical', choices: ['sgd', 'adam'] },
  momentum: { kind: 'float', low: 0, high: 0.99, when: { parameter: 'optimizer', values: ['sgd'] } },
  seed: { kind: 'int', low: 7, high: 7 },
};

function lossOf({ rate, batch, layers, optimizer, momentum }: Assignment): number {
  const distance = (Math.log10(rate as number) + 3) ** 2 + ((batch as number) / 256 - 0.25) ** 2;
  const shape = 0.05 * ((layers as number) - 3) ** 2;
  return distance + shape + (optimizer === 'sgd' ? 0.2 + ((momentum as number) - 0.9) ** 2 : 0);
}

function finished(parameters: Assignment, value: number): Observation {
  return { parameters, state: 'finished', value, reports: [] };
}

/** Runs trials one after the other until there are `count`, or none is left. */
function search(sampler: Sampler, count: number, loss: (values: Assignment) => number): Observation[] {
  const history: Observation[] = [];
  while (history.length < count) {
    const parameters = sampler.propose(history);
    if (parameters === null) break;
    history.push(finished(parameters, loss(parameters)));
  }
  return history;
}

function gp(space: SearchSpace, seed = 1, startTrials = 10): Sampler {
  return createSampler({ method: 'gp', space, seed, startTrials });
}

function bestOf(history: readonly Observation[]): number {
  return Math.min(...history.map(({ value }) => value as number));
}

describe('the Gaussian-process sampler', () => {
  it('comes much closer to the minimum than random search', () => {
    const found = bestOf(search(gp(MIXED), 28, lossOf));
    const random = bestOf(search(createSampler({ method: 'random', space: MIXED, seed: 1 }), 28, lossOf));
    expect(found).toBeLessThan(0.02);
    expect(found).toBeLessThan(random / 3);
  });

  it('proposes values of the space, conditional ones only where they are active', () => {
    const history = search(gp(MIXED, 3), 20, lossOf);
    for (const { parameters } of history) {
      expect(Object.hasOwn(parameters, 'momentum')).toBe(parameters.optimizer === 'sgd');
      expect((parameters.batch as number) % 8).toBe(0);
      expect(parameters.seed).toBe(7);
    }
  });

  it('proposes the same from the same seed and history, also with a new sampler', () => {
    const history = search(gp(MIXED, 5), 18, lossOf);
    const replayed = history.map((_, i) => gp(MIXED, 5).propose(history.slice(0, i)));
    expect(replayed).toEqual(history.map(({ parameters }) => parameters));
    expect(gp(MIXED, 6).propose(history)).not.toEqual(gp(MIXED, 5).propose(history));
  });

  it('ends a finite space with null after every assignment was proposed once', () => {
    const space: SearchSpace = {
      size: { kind: 'categorical', choices: ['small', 'large'] },
      layers: { kind: 'int', low: 1, high: 4, when: { parameter: 'size', values: ['large'] } },
      dropout: { kind: 'float', low: 0, high: 0.3, step: 0.1 },
    };
    const history = search(
      gp(space, 1, 5),
      100,
      (values) => (values.dropout as number) + Number(values.layers ?? 0),
    );
    expect(history).toHaveLength(4 * (1 + 4));
    expect(keysOf(history).size).toBe(20);
    expect(gp(space).propose(history)).toBeNull();
  });

  it('proposes no point twice where the best one lies in a corner', () => {
    const space: SearchSpace = {
      x: { kind: 'float', low: 0, high: 1 },
      y: { kind: 'float', low: 0, high: 1 },
    };
    const history = search(gp(space, 2, 5), 18, ({ x, y }) => -(x as number) - (y as number));
    expect(keysOf(history).size).toBe(18);
    expect(bestOf(history)).toBe(-2);
  });

  it('keeps parallel proposals apart and near the minimum', () => {
    const space: SearchSpace = { x: { kind: 'float', low: 0, high: 1 } };
    const history: Observation[] = search(gp(space, 4, 6), 8, ({ x }) => ((x as number) - 0.4) ** 2);
    const sampler = gp(space, 4, 6);
    const proposed: number[] = [];
    for (let i = 0; i < 4; i++) {
      const parameters = sampler.propose(history) as Assignment;
      proposed.push(parameters.x as number);
      history.push({ parameters, state: 'running', value: null, reports: [] });
    }
    proposed.sort((a, b) => a - b);
    for (let i = 1; i < 4; i++) expect(proposed[i]! - proposed[i - 1]!).toBeGreaterThan(1e-3);
  });

  it('avoids the surroundings of failed trials', () => {
    const space: SearchSpace = { x: { kind: 'float', low: 0, high: 1 } };
    const history: Observation[] = [0.05, 0.2, 0.3, 0.4, 0.5, 0.6].map((x) => finished({ x }, 1 - x));
    for (const x of [0.7, 0.75, 0.8, 0.9, 1]) {
      history.push({ parameters: { x }, state: 'failed', value: null, reports: [] });
    }
    for (let i = 0; i < 3; i++) {
      const parameters = gp(space, i, 5).propose(history) as Assignment;
      expect(parameters.x).toBeGreaterThan(0.5);
      expect(parameters.x).toBeLessThan(0.7);
    }
  });

  it('goes on where values are infinite, not numbers or all equal, and where all trials failed', () => {
    const space: SearchSpace = { x: { kind: 'float', low: 0, high: 1 } };
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1, 1, 1];
    const odd = values.map((value, i) => finished({ x: i / 10 }, value));
    const failed = odd.map((trial): Observation => ({ ...trial, state: 'failed', value: null }));
    for (const history of [odd, odd.slice(3), failed]) {
      expect(gp(space, 1, 2).propose(history)?.x).toEqual(expect.any(Number));
    }
  });

  it('searches a space of one assignment, and one without numbers to vary', () => {
    const space: SearchSpace = { x: { kind: 'int', low: 3, high: 3 } };
    expect(search(gp(space), 5, () => 1)).toHaveLength(1);
  });
});
