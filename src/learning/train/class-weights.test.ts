import { describe, expect, it } from 'vitest';
import { resolveClassWeights } from './class-weights.ts';

const labels = Int32Array.from([0, 1, 1, 1]);
const names = ['FAKE', 'REAL'];

describe('class weights', () => {
  it('gives every class the same total weight, and an article weight 1 on average', () => {
    const weights = resolveClassWeights('balanced', labels, names) ?? [];
    expect(weights).toEqual([2, 2 / 3]);
    expect(labels.reduce((sum, label) => sum + (weights[label] ?? 0), 0)).toBeCloseTo(4, 12);
  });

  it('takes weights as given, one a class', () => {
    expect(resolveClassWeights([1, 3], labels, names)).toEqual([1, 3]);
    expect(resolveClassWeights(null, labels, names)).toBeNull();
    expect(() => resolveClassWeights([1, 2, 3], labels, names)).toThrowError(
      expect.objectContaining({
        code: 'CLASS_WEIGHTS_INVALID',
        message: expect.stringContaining('expected 2'),
      }),
    );
  });

  it('names a class that has no article to learn from', () => {
    expect(() => resolveClassWeights(null, Int32Array.from([0, 0]), names)).toThrowError(
      expect.objectContaining({ code: 'SPLIT_EMPTY', message: expect.stringContaining('REAL') }),
    );
  });
});
