// The acquisition function: how much a trial at a point promises, as log expected improvement over the best score.
import { BLOCK, solveLower, solveLowerBlock, solveUpper } from './cholesky.ts';
import { logExpectedImprovement } from './expected-improvement.ts';
import { matern52, matern52Slope, type Points } from './kernel.ts';
import type { Posterior } from './regression.ts';

/** Keeps the logarithm finite where the model is certain. */
const LEAST_VARIANCE = 1e-12;

export interface Acquisition {
  /** @param point [D] @param gradient [D] receives the derivatives; 0 in dimensions of choices */
  evaluate(point: Float64Array, gradient?: Float64Array): number;
  /** Values at many points. @param points [count, D] */
  evaluateAll(points: Float64Array, count: number): Float64Array;
}

/** Creates the acquisition function over a best score. */
export function createAcquisition(posterior: Posterior, best: number): Acquisition {
  const distances = createDistances(posterior.points, posterior.kernel.inverseSquaredLengths);
  return {
    evaluate: createSingle(posterior, best, distances),
    evaluateAll: createMany(posterior, best, distances),
  };
}

/** The function that evaluates one point, with the gradient. */
function createSingle(
  { points, kernel, factor, weights }: Posterior,
  best: number,
  distances: DistanceWriter,
): Acquisition['evaluate'] {
  const { coordinates, isChoice, count: n } = points;
  const { inverseSquaredLengths, scale } = kernel;
  const dimensions = isChoice.length;
  const squared = new Float64Array(n);
  const solved = new Float64Array(n);

  return (point, gradient) => {
    distances(point, squared, 0, 1);
    let mean = 0;
    for (let i = 0; i < n; i++) {
      solved[i] = scale * matern52(squared[i]!);
      mean += solved[i]! * weights[i]!;
    }
    solveLower(factor, n, solved);
    let variance = scale;
    for (let i = 0; i < n; i++) variance -= solved[i]! * solved[i]!;
    variance = Math.max(0, variance) + LEAST_VARIANCE;
    const { value, byMean, byVariance } = logExpectedImprovement(mean, variance, best);
    if (gradient === undefined) return value;

    // Derivative of the value along the kernel at each observed point, then along the coordinates.
    solveUpper(factor, n, solved);
    gradient.fill(0);
    for (let i = 0, at = 0; i < n; i++, at += dimensions) {
      const byKernel = byMean * weights[i]! - 2 * byVariance * solved[i]!;
      const along = 2 * byKernel * scale * matern52Slope(squared[i]!);
      for (let d = 0; d < dimensions; d++) {
        gradient[d] = gradient[d]! + along * (point[d]! - coordinates[at + d]!);
      }
    }
    for (let d = 0; d < dimensions; d++) {
      gradient[d] = isChoice[d] ? 0 : gradient[d]! * inverseSquaredLengths[d]!;
    }
    return value;
  };
}

/** The function that evaluates many points, eight at a time. */
function createMany(
  { points, kernel, factor, weights }: Posterior,
  best: number,
  distances: DistanceWriter,
): Acquisition['evaluateAll'] {
  const { isChoice, count: n } = points;
  const { scale } = kernel;
  const dimensions = isChoice.length;
  const block = new Float64Array(n * BLOCK);
  const means = new Float64Array(BLOCK);
  const variances = new Float64Array(BLOCK);

  return (candidates, count) => {
    const result = new Float64Array(count);
    for (let first = 0; first < count; first += BLOCK) {
      const width = Math.min(BLOCK, count - first);
      for (let b = 0; b < width; b++) {
        const at = (first + b) * dimensions;
        distances(candidates.subarray(at, at + dimensions), block, b, BLOCK);
      }
      means.fill(0);
      for (let i = 0, at = 0; i < n; i++) {
        for (let b = 0; b < BLOCK; b++, at++) {
          const covariance = scale * matern52(block[at]!);
          block[at] = covariance;
          means[b] = means[b]! + covariance * weights[i]!;
        }
      }
      solveLowerBlock(factor, n, block);
      variances.fill(scale);
      for (let i = 0, at = 0; i < n; i++) {
        for (let b = 0; b < BLOCK; b++, at++) variances[b] = variances[b]! - block[at]! ** 2;
      }
      for (let b = 0; b < width; b++) {
        const variance = Math.max(0, variances[b]!) + LEAST_VARIANCE;
        result[first + b] = logExpectedImprovement(means[b]!, variance, best).value;
      }
    }
    return result;
  };
}

/** Writes the weighted squared distances of a point to all N points into `into` from `start` on, `stride` apart. */
type DistanceWriter = (point: Float64Array, into: Float64Array, start: number, stride: number) => void;

/** Prepares distances to all points, as `squaredDistance` computes them one by one. */
function createDistances({ coordinates, count, isChoice }: Points, weights: Float64Array): DistanceWriter {
  const dimensions = isChoice.length;
  const numbers = Int32Array.from([...isChoice.keys()].filter((d) => !isChoice[d]));
  const choices = Int32Array.from([...isChoice.keys()].filter((d) => isChoice[d]));
  // One dimension after the other, so that the inner loop is over neighbours in memory.
  const columns = Array.from({ length: dimensions }, (_, d) =>
    Float64Array.from({ length: count }, (_unused, i) => coordinates[i * dimensions + d]!),
  );
  return (point, into, start, stride) => {
    for (let i = 0, at = start; i < count; i++, at += stride) into[at] = 0;
    for (const d of numbers) {
      const column = columns[d]!;
      const coordinate = point[d]!;
      const weight = weights[d]!;
      for (let i = 0, at = start; i < count; i++, at += stride) {
        const difference = coordinate - column[i]!;
        into[at] = into[at]! + weight * difference * difference;
      }
    }
    for (const d of choices) {
      const column = columns[d]!;
      const coordinate = point[d]!;
      const weight = weights[d]!;
      for (let i = 0, at = start; i < count; i++, at += stride) {
        if (coordinate !== column[i]) into[at] = into[at]! + weight;
      }
    }
  };
}
