import { describe, expect, it } from 'vitest';
import { createRandom } from '../core/random.ts';
import { computeIntervals, createWeightedMetrics, drawResamples, percentileInterval } from './bootstrap.ts';
import { computeMetrics } from './metrics.ts';
import type { LabelledLogits } from './probabilities.ts';

function drawArticles(n: number, classes: number, options: { seed: number; ties?: boolean }): LabelledLogits {
  const random = createRandom(options.seed);
  const labels = Int32Array.from({ length: n }, () => random.integer(classes));
  const logits = Float32Array.from({ length: n * classes }, (_, i) => {
    const value = random.normal() + (i % classes === labels[Math.floor(i / classes)] ? 1.5 : 0);
    return options.ties ? Math.round(value) : value;
  });
  return { logits, labels, classes };
}

describe('bootstrap', () => {
  it.each([
    { classes: 2, ties: false },
    { classes: 2, ties: true },
    { classes: 4, ties: true },
  ])(
    'gives a resample the figures of the repeated articles ($classes classes, ties $ties)',
    ({ classes, ties }) => {
      const data = drawArticles(60, classes, { seed: 3, ties });
      const compute = createWeightedMetrics(data, 1.5);
      for (const weights of drawResamples(60, { resamples: 20, seed: 1 })) {
        const rows = [...weights].flatMap((weight, row) => new Array<number>(weight).fill(row));
        const repeated = computeMetrics(
          Float32Array.from(
            rows.flatMap((row) => [...data.logits.subarray(row * classes, (row + 1) * classes)]),
          ),
          Int32Array.from(rows, (row) => data.labels[row]!),
          classes,
          1.5,
        );
        const weighted = compute(weights);
        for (const key of ['accuracy', 'macroF1', 'rocAuc', 'brier', 'ece', 'loss'] as const) {
          expect(weighted[key], key).toBeCloseTo(repeated[key]!, 9);
        }
      }
    },
  );

  it('draws as many articles as there are, the same ones for the same seed', () => {
    const draw = (seed: number): string => [...drawResamples(50, { resamples: 3, seed })].join('|');
    for (const weights of drawResamples(50, { resamples: 5, seed: 1 })) {
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(50);
    }
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });

  it('draws whole groups where groups are given', () => {
    const groups = ['a', 'b', 'a', 'c', 'b', 'a'];
    for (const weights of drawResamples(6, { resamples: 10, seed: 4, groups })) {
      expect(weights[0]).toBe(weights[2]);
      expect(weights[0]).toBe(weights[5]);
      expect(weights[1]).toBe(weights[4]);
    }
  });

  it.each([
    [61, 1, 0.9413],
    [20, 1, 0.8316],
    [1, 1, 0.025],
    [20, 0, 0.1684],
  ])('claims no certainty from %i articles of which the share %i is right', (n, share, bound) => {
    const labels = Int32Array.from({ length: n }, (_, row) => row % 2);
    const logits = Float32Array.from({ length: 2 * n }, (_, i) =>
      (i & 1) === (labels[i >> 1]! + share + 1) % 2 ? 3 : -3,
    );
    const intervals = computeIntervals({ logits, labels, classes: 2 }, { resamples: 50, seed: 1 });
    for (const [low, high] of [intervals.accuracy, intervals.macroF1]) {
      expect(share === 1 ? low : high).toBeCloseTo(bound, 4);
      expect(share === 1 ? high : low).toBe(share);
    }
  });

  it('counts near-duplicates once where all predictions are right', () => {
    const labels = Int32Array.from({ length: 20 }, (_, row) => row % 2);
    const logits = Float32Array.from({ length: 40 }, (_, i) => ((i & 1) === labels[i >> 1]! ? 3 : -3));
    const groups = Array.from({ length: 20 }, (_, row) => `g${row % 4}`);
    const { accuracy } = computeIntervals({ logits, labels, classes: 2 }, { resamples: 9, seed: 1, groups });
    expect(accuracy[0]).toBeCloseTo(0.3976, 4);
  });

  it('has the width that the binomial distribution predicts for accuracy', () => {
    const data = drawArticles(1000, 2, { seed: 7 });
    const { accuracy } = computeMetrics(data.logits, data.labels, 2);
    const [low, high] = computeIntervals(data, { resamples: 1000, seed: 1 }).accuracy;
    const expected = 2 * 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / 1000);
    expect((high - low) / expected).toBeGreaterThan(0.9);
    expect((high - low) / expected).toBeLessThan(1.1);
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
  });

  it('is wider when articles come in groups that are all correct or all wrong', () => {
    const single = drawArticles(200, 2, { seed: 9 });
    const copies = 5;
    const logits = Float32Array.from(
      { length: 200 * copies * 2 },
      (_, i) => single.logits[((i >> 1) % 200) * 2 + (i & 1)]!,
    );
    const labels = Int32Array.from({ length: 200 * copies }, (_, row) => single.labels[row % 200]!);
    const groups = Array.from(labels, (_, row) => `g${row % 200}`);
    const width = ([low, high]: readonly [number, number]): number => high - low;
    const alone = computeIntervals({ logits, labels, classes: 2 }, { resamples: 400, seed: 1 }).accuracy;
    const grouped = computeIntervals(
      { logits, labels, classes: 2 },
      { resamples: 400, seed: 1, groups },
    ).accuracy;
    expect(width(grouped) / width(alone)).toBeGreaterThan(1.8); // sqrt(5) = 2.2 in the limit
  });

  it('has no interval for ROC-AUC where only one class occurs', () => {
    const data = { logits: Float32Array.of(0, 1, 0, 2), labels: Int32Array.of(1, 1), classes: 2 };
    expect(computeIntervals(data, { resamples: 10, seed: 1 }).rocAuc).toBeNull();
  });

  it('interpolates percentiles as NumPy does', () => {
    const [low, high] = percentileInterval([4, 1, 3, 2, 5]);
    expect(low).toBeCloseTo(1.1, 12); // numpy.percentile([1, 2, 3, 4, 5], 2.5)
    expect(high).toBeCloseTo(4.9, 12);
  });

  it('resamples 10,000 articles 1,000 times in seconds', () => {
    const data = drawArticles(10_000, 2, { seed: 5 });
    const startMs = performance.now();
    computeIntervals(data, { resamples: 1000, seed: 1 });
    // Two seconds on a quiet machine is the promise; the limit is for a busy one.
    expect(performance.now() - startMs).toBeLessThan(30_000);
  });
});
