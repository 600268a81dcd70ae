import { describe, expect, it } from 'vitest';
import { learningRateAt, type Schedule } from './schedule.ts';

const rates = (schedule: Schedule, totalSteps: number): number[] =>
  Array.from({ length: totalSteps + 1 }, (_, step) => learningRateAt(schedule, 0.1, step, totalSteps));

describe('learning rate', () => {
  it('stays where it is when constant', () => {
    expect(new Set(rates({ kind: 'constant', warmup: 0, final: 0 }, 10))).toEqual(new Set([0.1]));
  });

  it('rises over the warm-up steps and reaches the base in the last of them', () => {
    const [first, second, third, fourth, fifth] = rates({ kind: 'constant', warmup: 0.4, final: 0 }, 10);
    expect([first, second, third, fourth, fifth]).toEqual([0.025, 0.05, expect.closeTo(0.075, 12), 0.1, 0.1]);
  });

  it('falls in a straight line to the final share', () => {
    const values = rates({ kind: 'linear', warmup: 0, final: 0.2 }, 4);
    expect(values.map((rate) => rate.toFixed(6))).toEqual([
      '0.100000',
      '0.080000',
      '0.060000',
      '0.040000',
      '0.020000',
    ]);
  });

  it('falls along half a cosine: slowly, fast, slowly', () => {
    const values = rates({ kind: 'cosine', warmup: 0, final: 0 }, 4);
    const expected = [0, 1, 2, 3, 4].map((i) => 0.05 * (1 + Math.cos((Math.PI * i) / 4)));
    for (const [i, rate] of values.entries()) expect(rate).toBeCloseTo(expected[i] ?? Number.NaN, 12);
  });

  it('is finite where all steps are warm-up and where there is one step', () => {
    for (const kind of ['constant', 'linear', 'cosine'] as const) {
      for (const warmup of [0, 1]) {
        for (const total of [1, 2]) {
          for (const rate of rates({ kind, warmup, final: 0 }, total))
            expect(Number.isFinite(rate)).toBe(true);
        }
      }
    }
  });
});
