import { describe, expect, it } from 'vitest';
import { clipScale, globalNorm } from './clipping.ts';

describe('globalNorm', () => {
  it('is the length of all gradients laid end to end', () => {
    expect(globalNorm([Float32Array.of(3), Float32Array.of(0, 4)])).toBe(5);
  });

  it('is not finite when one gradient is not', () => {
    expect(globalNorm([Float32Array.of(1), Float32Array.of(Number.NaN)])).toBeNaN();
  });
});

describe('clipScale', () => {
  it('brings a long gradient down to the limit', () => {
    expect(clipScale(10, 1) * 10).toBeCloseTo(1, 5);
  });

  it('leaves a short gradient as it is, and every gradient where there is no limit', () => {
    expect(clipScale(0.5, 1)).toBe(1);
    expect(clipScale(1e9, null)).toBe(1);
  });
});
