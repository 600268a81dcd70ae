import { describe, expect, test } from 'vitest';
import { createRandom } from '../../foundation/core/random.ts';
import type { TokenizedSplit } from './article-encoder.ts';
import { collateBatch, measurePadding, planBatches, planEvaluationBatches } from './batches.ts';

const random = createRandom('lengths');
const lengths = Int32Array.from({ length: 5000 }, () =>
  Math.min(256, 8 + Math.floor(80 * Math.exp(random.normal()))),
);
const options = { lengths, maxArticles: 32, maxTokens: 4096, seed: 1, epoch: 0, shuffle: true };
const flat = (batches: readonly Int32Array[]): number[] => batches.flatMap((rows) => [...rows]);

describe('planBatches', () => {
  test('holds every row exactly once', () => {
    const rows = flat(planBatches(options)).sort((a, b) => a - b);
    expect(rows).toEqual(Array.from(lengths, (_, row) => row));
  });

  test('keeps both limits, padding included', () => {
    for (const rows of planBatches(options)) {
      expect(rows.length).toBeLessThanOrEqual(32);
      expect(rows.length * Math.max(...Array.from(rows, (row) => lengths[row]!))).toBeLessThanOrEqual(4096);
    }
  });

  test('gives an article longer than the budget a batch of its own', () => {
    const batches = planBatches({ ...options, lengths: [5, 900, 5], maxTokens: 100 });
    expect(batches.map((rows) => [...rows].sort()).sort()).toEqual([[0, 2], [1]]);
  });

  test('follows from seed and epoch alone', () => {
    expect(planBatches(options)).toEqual(planBatches({ ...options }));
    expect(planBatches({ ...options, epoch: 1 })).not.toEqual(planBatches(options));
    expect(planBatches({ ...options, seed: 2 })).not.toEqual(planBatches(options));
  });

  test('pads less than 8% where unsorted batches pad more than half', () => {
    const unsorted = Array.from({ length: 157 }, (_, i) =>
      Int32Array.from({ length: Math.min(32, 5000 - i * 32) }, (_, j) => i * 32 + j),
    );
    expect(measurePadding(unsorted, lengths)).toBeGreaterThan(0.5);
    expect(measurePadding(planBatches(options), lengths)).toBeLessThan(0.08);
  });

  test('brings other articles together in the next epoch, even where all fit one chunk', () => {
    const small = { ...options, lengths: lengths.slice(0, 600), maxArticles: 16 };
    const partners = (epoch: number): Set<string> =>
      new Set(
        planBatches({ ...small, epoch }).flatMap((rows) =>
          [...rows].sort((a, b) => a - b).flatMap((a, i, all) => all.slice(i + 1).map((b) => `${a} ${b}`)),
        ),
      );
    const first = partners(0);
    const again = [...partners(1)].filter((pair) => first.has(pair)).length;
    expect(again / first.size).toBeLessThan(0.45);
  });

  test('does not order batches by length', () => {
    const means = planBatches(options).map(
      (rows) => rows.reduce((sum, row) => sum + lengths[row]!, 0) / rows.length,
    );
    const rises = means.slice(1).filter((mean, i) => mean > means[i]!).length;
    expect(rises / means.length).toBeGreaterThan(0.4);
    expect(rises / means.length).toBeLessThan(0.6);
  });

  test('is empty for no articles', () => {
    expect(planBatches({ ...options, lengths: [] })).toEqual([]);
  });
});

test('evaluation batches are sorted by length and the same every time', () => {
  const batches = planEvaluationBatches({ lengths: [3, 1, 2, 1], maxArticles: 2, maxTokens: 100 });
  expect(batches.map((rows) => [...rows])).toEqual([
    [1, 3],
    [2, 0],
  ]);
});

test('collateBatch pads to the longest article and masks the padding', () => {
  const split: TokenizedSplit = {
    ids: Int32Array.of(7, 8, 9, 5, 6),
    offsets: Uint32Array.of(0, 3, 3, 5),
    labels: Int32Array.of(1, 0, 1),
    articleIds: ['a', 'b', 'c'],
    sources: [null, null, null],
    truncated: 0,
  };
  expect(collateBatch(split, [2, 0], 99)).toEqual({
    size: 2,
    length: 3,
    inputIds: Int32Array.of(5, 6, 99, 7, 8, 9),
    attentionMask: Int32Array.of(1, 1, 0, 1, 1, 1),
    labels: Int32Array.of(1, 1),
    rows: Int32Array.of(2, 0),
    tokens: 5,
  });
});
