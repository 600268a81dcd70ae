import { describe, expect, it } from 'vitest';
import { assertAgreement, compareLogits } from './agreement.ts';

describe('compareLogits', () => {
  it('counts equal labels and finds the largest difference', () => {
    const before = Float32Array.of(1, 0, 0, 1, 2, 0);
    const after = Float32Array.of(1.5, 0, 0.25, 0, 2, 0);
    expect(compareLogits(before, after, 2)).toEqual({
      articles: 3,
      maxLogitDifference: 1,
      agreement: 2 / 3,
    });
  });
});

describe('assertAgreement', () => {
  const refusal = expect.objectContaining({ code: 'COMPRESSION_DISAGREES' });

  it('refuses a model that gives another label to more than one article in ten', () => {
    const check = { articles: 100, maxLogitDifference: 3, agreement: 0.89 };
    expect(() => assertAgreement('somewhere', check)).toThrow(refusal);
    expect(() => assertAgreement('somewhere', { ...check, agreement: 0.9 })).not.toThrow();
  });

  it('accepts any agreement on only a few articles, but never a NaN', () => {
    const check = { articles: 3, maxLogitDifference: 3, agreement: 0.3 };
    expect(() => assertAgreement('somewhere', check)).not.toThrow();
    const broken = compareLogits(Float32Array.of(1, 0), Float32Array.of(Number.NaN, 0), 2);
    expect(() => assertAgreement('somewhere', broken)).toThrow(refusal);
  });
});
