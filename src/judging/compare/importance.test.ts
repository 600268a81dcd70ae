import { describe, expect, it } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import type { AnalysedTrial } from './factors.ts';
import { type ImportanceReport, measureImportance } from './importance.ts';

/** Trials at random places of a space, with the value that `compute` gives them. */
function sampleTrials(
  n: number,
  compute: (parameters: { x: number; y: number; lr: number; kind: string }) => number,
): AnalysedTrial[] {
  const random = createRandom('importance');
  return Array.from({ length: n }, () => {
    const parameters = {
      x: random.next(),
      y: random.next(),
      lr: 10 ** (-5 + 4 * random.next()),
      kind: ['a', 'b', 'c'][random.integer(3)]!,
    };
    return { parameters, value: compute(parameters) };
  });
}

const sharesOf = (report: ImportanceReport): Record<string, number> =>
  report.status === 'measured'
    ? Object.fromEntries(report.main.map(({ parameters, share }) => [parameters[0], share]))
    : {};

describe('importance of parameters', () => {
  it('divides the variance of a sum as its parts do', () => {
    // Variances of 3x and y are 9/12 and 1/12: shares of 0.9 and 0.1.
    const shares = sharesOf(measureImportance(sampleTrials(400, ({ x, y }) => 3 * x + y)));
    expect(shares.x).toBeGreaterThan(0.82);
    expect(shares.x).toBeLessThan(0.94);
    expect(shares.y).toBeGreaterThan(0.05);
    expect(shares.y).toBeLessThan(0.15);
    expect(shares.kind).toBeLessThan(0.02);
  });

  it('finds what two parameters explain together', () => {
    // Of the variance of xy, 7/144, each factor explains 1/48 alone and the pair 1/144: shares of 3/7, 3/7 and 1/7.
    const report = measureImportance(sampleTrials(400, ({ x, y }) => x * y));
    const pair = report.status === 'measured' ? report.pairs[0] : undefined;
    expect(pair?.parameters).toEqual(['x', 'y']);
    expect(pair?.share).toBeCloseTo(1 / 7, 1);
    expect(sharesOf(report).x).toBeCloseTo(3 / 7, 1);
    expect(sharesOf(report).y).toBeCloseTo(3 / 7, 1);
  });

  it('reads a learning rate by its logarithm and a category as such', () => {
    const byRate = sharesOf(measureImportance(sampleTrials(200, ({ lr }) => (Math.log10(lr) + 3) ** 2)));
    expect(byRate.lr).toBeGreaterThan(0.8);
    const byKind = sharesOf(measureImportance(sampleTrials(200, ({ kind }) => (kind === 'b' ? 1 : 0))));
    expect(byKind.kind).toBeGreaterThan(0.95);
  });

  it('says when there is too little to go by', () => {
    expect(measureImportance(sampleTrials(5, ({ x }) => x))).toMatchObject({
      status: 'too-few-trials',
      trials: 5,
    });
    expect(measureImportance(sampleTrials(20, () => 1))).toMatchObject({ status: 'no-variation' });
    const failed = sampleTrials(20, ({ x }) => (x > 0.2 ? Number.NaN : x));
    expect(measureImportance(failed).trials).toBeLessThan(20);
  });

  it('is the same each time', () => {
    const trials = sampleTrials(60, ({ x, y }) => x * y);
    expect(measureImportance(trials)).toEqual(measureImportance(trials));
  });
});
