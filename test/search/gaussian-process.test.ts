// Compares the Gaussian process with Optuna 5.0's on 20 saved sets; reference/gaussian_process.py made the values.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAcquisition } from '../../src/learning/search/gaussian-process/acquisition.ts';
import { fitKernel, logPrior } from '../../src/learning/search/gaussian-process/fit-kernel.ts';
import type { KernelParameters, Points } from '../../src/learning/search/gaussian-process/kernel.ts';
import {
  conditionOn,
  createLikelihood,
  type Posterior,
  predict,
  type ScoredPoints,
} from '../../src/learning/search/gaussian-process/regression.ts';

interface ReferenceSet {
  readonly kind: string;
  /** How many dimensions are choices: the last ones. */
  readonly choices: number;
  readonly points: readonly number[][];
  readonly scores: readonly number[];
  readonly kernel: {
    readonly inverseSquaredLengths: readonly number[];
    readonly scale: number;
    readonly noise: number;
  };
  readonly queries: readonly number[][];
  readonly best: number;
  readonly logLikelihood: number;
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly logExpectedImprovement: readonly number[];
  /** Null where Optuna's gradient is not a number: far in the tail. */
  readonly gradients: readonly (number[] | null)[];
  /** Log likelihood plus log prior of the kernel that Optuna fits. */
  readonly fittedObjective: number;
}

const { sets } = JSON.parse(
  readFileSync(new URL('./reference/gaussian-process.json', import.meta.url), 'utf8'),
) as { sets: readonly ReferenceSet[] };

function scoredPointsOf({ points, scores, choices }: ReferenceSet): ScoredPoints {
  const dimensions = points[0]!.length;
  const isChoice = Array.from({ length: dimensions }, (_, d) => d >= dimensions - choices);
  const all: Points = { coordinates: Float64Array.from(points.flat()), count: points.length, isChoice };
  return { points: all, scores: Float64Array.from(scores) };
}

function kernelOf({ kernel }: ReferenceSet): KernelParameters {
  return { ...kernel, inverseSquaredLengths: Float64Array.from(kernel.inverseSquaredLengths) };
}

function posteriorOf(set: ReferenceSet): Posterior {
  const posterior = conditionOn(scoredPointsOf(set), kernelOf(set));
  expect(posterior).not.toBeNull();
  return posterior as Posterior;
}

/** The largest difference, relative where the expected value is beyond 1. */
function largestError(got: Iterable<number>, expected: readonly number[]): number {
  return Math.max(
    ...[...got].map((value, i) => Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!))),
  );
}

const named = sets.map((set, i) => {
  const dimensions = set.points[0]!.length;
  return {
    title: `set ${i + 1}: ${set.kind}, ${set.points.length} x ${dimensions}, ${set.choices} of choices`,
    set,
  };
});

describe('the Gaussian process computes what Optuna 5.0 computes, within 1e-6', () => {
  it('has 20 sets', () => {
    expect(sets).toHaveLength(20);
  });

  it.each(named)('log likelihood, $title', ({ set }) => {
    const value = createLikelihood(scoredPointsOf(set)).evaluate(kernelOf(set));
    expect(largestError([value], [set.logLikelihood])).toBeLessThan(1e-6);
  });

  it.each(named)('mean and variance, $title', ({ set }) => {
    const posterior = posteriorOf(set);
    const predicted = set.queries.map((query) => predict(posterior, Float64Array.from(query)));
    expect(
      largestError(
        predicted.map(({ mean }) => mean),
        set.mean,
      ),
    ).toBeLessThan(1e-6);
    expect(
      largestError(
        predicted.map(({ variance }) => variance),
        set.variance,
      ),
    ).toBeLessThan(1e-6);
  });

  it.each(named)('log expected improvement and its gradient, $title', ({ set }) => {
    const acquisition = createAcquisition(posteriorOf(set), set.best);
    const dimensions = set.points[0]!.length;
    const all = acquisition.evaluateAll(Float64Array.from(set.queries.flat()), set.queries.length);
    expect(largestError(all, set.logExpectedImprovement)).toBeLessThan(1e-6);
    for (const [q, query] of set.queries.entries()) {
      const gradient = new Float64Array(dimensions);
      const value = acquisition.evaluate(Float64Array.from(query), gradient);
      expect(largestError([value], [set.logExpectedImprovement[q]!])).toBeLessThan(1e-6);
      expect(gradient.every(Number.isFinite)).toBe(true);
      const expected = set.gradients[q] ?? null;
      if (expected !== null) expect(largestError(gradient, expected)).toBeLessThan(1e-6);
    }
  });

  it.each(named)('a fit as good as Optuna’s within 0.01, $title', ({ set }) => {
    const scored = scoredPointsOf(set);
    const kernel = fitKernel(scored);
    const objective = createLikelihood(scored).evaluate(kernel) + logPrior(kernel);
    expect(objective).toBeGreaterThan(set.fittedObjective - 0.01);
  });
});
