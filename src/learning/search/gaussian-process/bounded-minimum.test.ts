import { describe, expect, it } from 'vitest';
import { findMinimum, type SmoothFunction } from './bounded-minimum.ts';

/** Rosenbrock's function of two variables: minimum 0 at (1, 1), at the end of a curved valley. */
const rosenbrock: SmoothFunction = (point, gradient) => {
  const [x, y] = [point[0]!, point[1]!];
  gradient[0] = -400 * x * (y - x * x) - 2 * (1 - x);
  gradient[1] = 200 * (y - x * x);
  return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
};

describe('the minimum within bounds', () => {
  it('is found at the end of a curved valley', () => {
    const start = Float64Array.of(-1.2, 1);
    const { x, value, evaluations } = findMinimum(rosenbrock, start, {
      gradientTolerance: 1e-8,
      maxIterations: 200,
    });
    expect(x[0]).toBeCloseTo(1, 5);
    expect(x[1]).toBeCloseTo(1, 5);
    expect(value).toBeLessThan(1e-10);
    expect(evaluations).toBeLessThan(80);
  });

  it('is found on a bound', () => {
    const { x } = findMinimum(rosenbrock, Float64Array.of(-1, 2), {
      low: Float64Array.of(-2, -2),
      high: Float64Array.of(0.5, 2),
      gradientTolerance: 1e-8,
      maxIterations: 200,
    });
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 6);
  });

  it('steps back from points without a finite value', () => {
    const logarithm: SmoothFunction = (point, gradient) => {
      gradient[0] = 1 - 1 / point[0]!;
      return point[0]! > 0 ? point[0]! - Math.log(point[0]!) : Number.POSITIVE_INFINITY;
    };
    const { x } = findMinimum(logarithm, Float64Array.of(30), {
      gradientTolerance: 1e-6,
      maxIterations: 100,
    });
    expect(x[0]).toBeCloseTo(1, 4);
  });
});
