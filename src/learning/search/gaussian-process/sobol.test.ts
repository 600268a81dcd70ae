import { describe, expect, it } from 'vitest';
import { sobolPoints } from './sobol.ts';

describe('Sobol points', () => {
  it('lie in different intervals of every dimension', () => {
    const points = sobolPoints(256, 70, 9);
    for (let d = 0; d < 64; d++) {
      const taken = new Set(Array.from({ length: 256 }, (_, i) => Math.floor(points[i * 70 + d]! * 256)));
      expect(taken.size).toBe(256);
    }
    expect(points.every((coordinate) => coordinate > 0 && coordinate < 1)).toBe(true);
  });

  it('lie in different boxes of the first two dimensions, whatever the shape of the boxes', () => {
    const points = sobolPoints(256, 2, 4);
    for (let columns = 1; columns <= 256; columns *= 2) {
      const boxes = Array.from(
        { length: 256 },
        (_, i) =>
          `${Math.floor(points[2 * i]! * columns)} ${Math.floor((points[2 * i + 1]! * 256) / columns)}`,
      );
      expect(new Set(boxes).size).toBe(256);
    }
  });

  it('are the same for the same seed only, and the first ones do not depend on how many are computed', () => {
    expect(sobolPoints(8, 3, 1)).toEqual(sobolPoints(64, 3, 1).slice(0, 24));
    expect(sobolPoints(8, 3, 1)).not.toEqual(sobolPoints(8, 3, 2));
  });
});
