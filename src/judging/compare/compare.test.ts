import { describe, expect, it } from 'vitest';
import { measureCorrelations, ranksOf } from './correlation.ts';
import { findParetoFront, type Objective } from './pareto.ts';
import { rankByAxis } from './ranking.ts';
import { measureSeedNoise } from './seed-noise.ts';

describe('correlations of a sweep', () => {
  it('shares the rank of equal values', () => {
    expect([...ranksOf([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
  });

  it('is one for any growing relation, and has the sign of its direction', () => {
    const trials = [1, 2, 3, 4].map((x) => ({ parameters: { x, y: -x }, value: x ** 3 }));
    expect(measureCorrelations(trials)).toMatchObject([
      { parameter: 'x', kind: 'spearman', value: 1 },
      { parameter: 'y', kind: 'spearman', value: -1 },
    ]);
  });

  it('measures the share of variance between categories', () => {
    const trials = ['a', 'a', 'b', 'b'].map((kind, i) => ({ parameters: { kind }, value: [1, 2, 3, 4][i]! }));
    expect(measureCorrelations(trials)).toMatchObject([{ kind: 'ratio', value: 0.8 }]);
  });
});

describe('Pareto front', () => {
  const objectives: [Objective, Objective] = [
    { name: 'loss', goal: 'minimize' },
    { name: 'accuracy', goal: 'maximize' },
  ];

  it('keeps what nothing beats in both metrics, equals included', () => {
    const point = (id: string, loss: number, accuracy: number) => ({ id, values: [loss, accuracy] as const });
    const points = [
      point('cheap', 0.1, 0.8),
      point('good', 0.3, 0.9),
      point('twin', 0.3, 0.9),
      point('beaten', 0.3, 0.7),
      point('worse', 0.4, 0.85),
      point('diverged', Number.NaN, 0.99),
    ];
    const front = findParetoFront(points, objectives);
    expect(front.filter(({ isOnFront }) => isOnFront).map(({ id }) => id)).toEqual(['cheap', 'good', 'twin']);
    expect(front.map(({ id }) => id)).not.toContain('diverged');
  });
});

describe('ranking by axis', () => {
  it('compares at the budget that all runs reached, separately for each axis', () => {
    // Batches of 64 take fewer steps for an epoch: ahead by step, behind by epoch.
    const curve = (id: string, articlesPerStep: number, values: readonly number[]) => ({
      id,
      points: values.map((value, i) => ({
        step: i + 1,
        epoch: ((i + 1) * articlesPerStep) / 64,
        time: (i + 1) * articlesPerStep,
        articles: (i + 1) * articlesPerStep,
        value,
      })),
    });
    const rankings = rankByAxis(
      [curve('large', 64, [0.5, 0.4]), curve('small', 16, [0.7, 0.6, 0.5, 0.45, 0.43, 0.41, 0.39, 0.3])],
      'minimize',
    );
    const orderOf = (axis: string) =>
      rankings.find((ranking) => ranking.axis === axis)?.runs.map(({ id }) => id);
    expect(orderOf('step')).toEqual(['large', 'small']);
    expect(orderOf('epoch')).toEqual(['small', 'large']);
    expect(rankings.find(({ axis }) => axis === 'step')).toMatchObject({
      budget: 2,
      runs: [{ best: 0.4, at: 2 }, { best: 0.6 }],
    });
  });

  it('skips values that are not numbers and runs without any', () => {
    const point = { step: 1, epoch: 1, time: 1, articles: 1 };
    const [byStep] = rankByAxis(
      [
        { id: 'a', points: [{ ...point, value: Number.NaN }] },
        { id: 'b', points: [{ ...point, value: 1 }] },
        { id: 'c', points: [] },
      ],
      'maximize',
    );
    expect(byStep?.runs).toEqual([
      { id: 'b', best: 1, at: 1 },
      { id: 'a', best: null, at: null },
    ]);
  });
});

describe('noise of the seed', () => {
  it('says that a lead within the noise is not clear', () => {
    const noise = measureSeedNoise(
      [
        { id: 'lucky', values: [0.9, 0.94, 0.98] },
        { id: 'steady', values: [0.93, 0.94, 0.94] },
      ],
      'maximize',
    );
    expect(noise.settings[0]).toMatchObject({ id: 'lucky', n: 3, mean: expect.closeTo(0.94) });
    expect(noise.settings[0]?.deviation).toBeCloseTo(0.04);
    expect(noise.isClear).toBe(false);
    expect(noise.settings[1]?.beatsBest).toBeGreaterThan(0.4);
  });

  it('says that a lead beyond the noise is clear', () => {
    const noise = measureSeedNoise(
      [
        { id: 'worse', values: [0.5, 0.51] },
        { id: 'better', values: [0.3, 0.31] },
      ],
      'minimize',
    );
    expect(noise).toMatchObject({ isClear: true, settings: [{ id: 'better' }, { id: 'worse' }] });
    expect(noise.settings[1]?.beatsBest).toBeLessThan(1e-6);
  });

  it('claims nothing without repeats', () => {
    const noise = measureSeedNoise(
      [
        { id: 'a', values: [1] },
        { id: 'b', values: [2] },
      ],
      'minimize',
    );
    expect(noise).toMatchObject({ pooledDeviation: null, isClear: null });
  });
});
