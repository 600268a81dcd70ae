import { describe, expect, it } from 'vitest';
import { clipScale } from './clipping.ts';

describe('clipScale', () => {
  it('brings a long gradient down to the limit', () => {
    expect(clipScale(10, 1) * 10).toBeCloseTo(1, 5);
  });

  it('leaves a short gradient as it is, and every gradient where there is no limit', () => {
    expect(clipScale(0.5, 1)).toBe(1);
    expect(clipScale(1e9, null)).toBe(1);
  });
});
