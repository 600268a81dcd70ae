import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { padBatch, planInferenceBatches } from './batch-plan.ts';

describe('planInferenceBatches', () => {
  test('holds every article once and keeps its limits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }), (lengths) => {
        const batches = planInferenceBatches(lengths, { maxTokens: 1000, maxArticles: 16 });
        expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, index) => index));
        for (const batch of batches) {
          const longest = Math.max(...batch.map((row) => lengths[row]!));
          expect(batch.length).toBeLessThanOrEqual(16);
          expect(batch.length === 1 || batch.length * longest <= 1000).toBe(true);
        }
      }),
    );
  });

  test('puts articles of similar length together', () => {
    expect(planInferenceBatches([500, 10, 490, 12], { maxTokens: 1000, maxArticles: 16 })).toEqual([
      [1, 3],
      [2, 0],
    ]);
  });

  test('gives an article longer than the limit a batch of its own', () => {
    expect(planInferenceBatches([5000, 10], { maxTokens: 1000, maxArticles: 16 })).toEqual([[1], [0]]);
  });

  test('puts each article into a batch of its own where the model asks for it', () => {
    expect(planInferenceBatches([3, 1, 2], { alone: true })).toEqual([[1], [2], [0]]);
  });

  test('plans no batch for no articles', () => {
    expect(planInferenceBatches([])).toEqual([]);
  });
});

describe('padBatch', () => {
  test('pads to the longest and masks the padding', () => {
    const { input_ids, attention_mask } = padBatch([Int32Array.of(5, 6, 7), Int32Array.of(8)], 9);
    expect(input_ids).toEqual({
      dtype: 'int64',
      shape: [2, 3],
      data: BigInt64Array.of(5n, 6n, 7n, 8n, 9n, 9n),
    });
    expect(attention_mask.data).toEqual(BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 0n));
  });

  test('keeps one column when every article is empty', () => {
    expect(padBatch([new Int32Array(0)], 3).input_ids).toEqual({
      dtype: 'int64',
      shape: [1, 1],
      data: BigInt64Array.of(3n),
    });
  });
});
