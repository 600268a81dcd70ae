import { describe, expect, it } from 'vitest';
import { logExpectedImprovement, logStandardImprovement } from './expected-improvement.ts';

describe('log expected improvement', () => {
  // log ∫ t φ(t - z) dt over t > 0, integrated numerically (SciPy's quad).
  it.each([
    [-38, -730.1961834021138],
    [-25, -319.8614635814959],
    [-10, -55.55312203612236],
    [-3, -7.869686059603028],
    [-2.999, -7.866154162275597],
    [-1, -2.4851210257126413],
    [0, -0.9189385332046727],
    [2.999, 1.0984067696949393],
    [3, 1.0987396653277077],
    [8, 2.0794415416798357],
  ])('equals its integral at z = %f', (z, expected) => {
    expect(Math.abs(logStandardImprovement(z).value / expected - 1)).toBeLessThan(1e-12);
  });

  it('is finite far in the tail, and so are its derivatives', () => {
    for (const mean of [-1, -1e3, -1e6]) {
      const { value, byMean, byVariance } = logExpectedImprovement(mean, 1e-12, 0);
      expect([value, byMean, byVariance].every(Number.isFinite)).toBe(true);
      expect(byMean).toBeGreaterThan(0);
      expect(byVariance).toBeGreaterThan(0);
    }
  });

  it.each([-30, -4, -2, 0.5, 4])('has the derivatives that differences show at a mean of %f', (mean) => {
    const at = (m: number, v: number): number => logExpectedImprovement(m, v, 0.1).value;
    const { byMean, byVariance } = logExpectedImprovement(mean, 0.8, 0.1);
    const h = 1e-5;
    expect(byMean).toBeCloseTo((at(mean + h, 0.8) - at(mean - h, 0.8)) / (2 * h), 4);
    expect(byVariance).toBeCloseTo((at(mean, 0.8 + h) - at(mean, 0.8 - h)) / (2 * h), 4);
  });
});
