import { describe, expect, it } from 'vitest';
import { computeMetrics } from './metrics.ts';
import { computePredictions, computeProbabilities } from './probabilities.ts';

const logits = (...rows: number[][]): Float32Array => Float32Array.from(rows.flat());

describe('metrics', () => {
  it('gives ties to the lowest class index', () => {
    expect([...computePredictions(logits([1, 1], [2, 2], [0, 3]), 2)]).toEqual([0, 0, 1]);
    expect([...computePredictions(logits([0, 5, 5]), 3)]).toEqual([1]);
  });

  it('gives two classes the sigmoid of the difference of their logits', () => {
    const [, second] = computeProbabilities([0.3, 1.1], 2);
    expect(second).toBeCloseTo(1 / (1 + Math.exp(-0.8)), 12);
  });

  it('divides the logits by the temperature', () => {
    expect(computeProbabilities([2, 6, 4], 3, 2)).toEqual(computeProbabilities([1, 3, 2], 3));
    expect([...computeProbabilities([1e4, -1e4], 2, 0.5)]).toEqual([1, 0]);
  });

  it('keeps probabilities finite and summing to one for huge logits', () => {
    const probabilities = computeProbabilities(logits([1e30, -1e30], [-3e38, -3e38]), 2);
    expect([...probabilities]).toEqual([1, 0, 0.5, 0.5]);
  });

  it('keeps the loss finite where the probability of the label underflows to zero', () => {
    const { loss } = computeMetrics(logits([0, 5000]), Int32Array.of(0), 2);
    expect(loss).toBeCloseTo(5000, 6);
  });

  it('ranks by log odds, so that saturated probabilities are not taken for ties', () => {
    const { rocAuc } = computeMetrics(logits([0, 100], [0, 200]), Int32Array.of(0, 1), 2);
    expect(rocAuc).toBe(1);
  });

  it('has no ROC-AUC where only one class occurs', () => {
    expect(computeMetrics(logits([0, 1], [0, 2]), Int32Array.of(1, 1), 2).rocAuc).toBeNull();
  });

  it('changes only what depends on confidence when a temperature is set', () => {
    const data = logits([2, 0], [0, 1], [0, 3], [1, 0]);
    const labels = Int32Array.of(0, 1, 0, 1);
    const plain = computeMetrics(data, labels, 2);
    const cooled = computeMetrics(data, labels, 2, 3);
    expect(cooled).toMatchObject({ accuracy: plain.accuracy, macroF1: plain.macroF1, rocAuc: plain.rocAuc });
    expect(cooled.loss).not.toBeCloseTo(plain.loss, 3);
    expect(cooled.brier).not.toBeCloseTo(plain.brier, 3);
  });

  it('refuses an empty collection', () => {
    expect(() => computeMetrics(new Float32Array(), new Int32Array(), 2)).toThrowError(
      expect.objectContaining({ code: 'EVALUATION_EMPTY' }),
    );
  });

  it('refuses logits that are not finite and says which article', () => {
    expect(() => computeMetrics(logits([0, 1], [Number.NaN, 1]), Int32Array.of(0, 1), 2)).toThrowError(
      expect.objectContaining({ code: 'LOGITS_NOT_FINITE', details: { row: 1, rows: 2 } }),
    );
  });

  it('treats a label outside [0, C) as an error of the program', () => {
    expect(() => computeMetrics(logits([0, 1]), Int32Array.of(2), 2)).toThrowError(
      expect.objectContaining({ code: 'INTERNAL_BUG' }),
    );
  });
});
