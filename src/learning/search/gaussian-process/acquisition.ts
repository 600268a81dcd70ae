// The acquisition function: how much a trial at a point promises, as log expected improvement over the best score.
// Running trials have no score yet. For each of several scenarios, scores that the model holds possible are drawn for all of
// them together, and the improvement over the best of observed and drawn scores is averaged over the scenarios. Up to a constant this is
// the joint expected improvement of the running trials and the new one (qEI; Ginsbourger et al. 2010), but smooth in the new point.
import { BLOCK, factorCholesky, solveLower, solveLowerBlock, solveUpper } from './cholesky.ts';
import { logExpectedImprovement } from './expected-improvement.ts';
import { matern52, matern52Slope, type Points } from './kernel.ts';
import { covariance, type Posterior } from './regression.ts';
import { sobolPoints } from './sobol.ts';

/** Keeps the logarithm finite where the model is certain. */
const LEAST_VARIANCE = 1e-12;

export interface Acquisition {
  /** @param point [D] @param gradient [D] receives the derivatives; 0 in dimensions of choices */
  evaluate(point: Float64Array, gradient?: Float64Array): number;
  /** Values at many points. @param points [count, D] */
  evaluateAll(points: Float64Array, count: number): Float64Array;
}

/** One set of possible scores: the weights of the posterior mean, and the best score in it. */
interface Scenario {
  readonly weights: Float64Array;
  readonly best: number;
}

export interface AcquisitionOptions {
  readonly best: number;
  /** Points of running trials. */
  readonly running?: Points;
  /** How many scenarios are drawn where trials are running. */
  readonly scenarios: number;
  readonly seed: number;
}

export function createAcquisition(posterior: Posterior, options: AcquisitionOptions): Acquisition {
  const { running, best } = options;
  if (running === undefined || running.count === 0) {
    return createFromScenarios(posterior, [{ weights: posterior.weights, best }]);
  }
  return createWithRunning(posterior, running, options);
}

/** Adds the running trials to the observed points, each scenario with scores of its own. */
function createWithRunning(
  posterior: Posterior,
  running: Points,
  { best, scenarios, seed }: AcquisitionOptions,
): Acquisition {
  const { points, kernel, scores } = posterior;
  const n = points.count;
  const total = n + running.count;
  const all: Points = {
    ...points,
    coordinates: Float64Array.of(...points.coordinates, ...running.coordinates),
    count: total,
  };
  const factor = covariance(all, kernel);
  for (let i = 0; i < n; i++) factor[i * total + i] = factor[i * total + i]! + kernel.noise;
  factorCholesky(factor, total, LEAST_VARIANCE);
  // With L the factor, L⁻¹ [scores; drawn] = [L⁻¹ scores; z], z standard normal: so the drawn scores follow from z.
  const whitened = new Float64Array(total);
  whitened.set(scores);
  solveLower(factor, total, whitened);
  const normals = drawNormals(scenarios, running.count, seed);
  const drawn = normals.map((z): Scenario => {
    const weights = whitened.slice();
    let bestDrawn = best;
    for (let r = 0; r < running.count; r++) {
      weights[n + r] = z[r]!;
      const row = (n + r) * total;
      let score = 0;
      for (let i = 0; i <= n + r; i++) score += factor[row + i]! * weights[i]!;
      bestDrawn = Math.max(bestDrawn, score);
    }
    solveUpper(factor, total, weights);
    return { weights, best: bestDrawn };
  });
  return createFromScenarios({ points: all, kernel, factor }, drawn);
}

/** Standard normal vectors from Sobol points (Box and Muller). @returns count vectors of the given length */
export function drawNormals(count: number, length: number, seed: number): Float64Array[] {
  const pairs = Math.ceil(length / 2);
  const uniform = sobolPoints(count, 2 * pairs, seed);
  return Array.from({ length: count }, (_, s) => {
    const vector = new Float64Array(2 * pairs);
    for (let p = 0; p < pairs; p++) {
      const radius = Math.sqrt(-2 * Math.log(uniform[s * 2 * pairs + 2 * p]!));
      const angle = 2 * Math.PI * uniform[s * 2 * pairs + 2 * p + 1]!;
      vector[2 * p] = radius * Math.cos(angle);
      vector[2 * p + 1] = radius * Math.sin(angle);
    }
    return vector.subarray(0, length);
  });
}

function createFromScenarios(
  model: Pick<Posterior, 'points' | 'kernel' | 'factor'>,
  scenarios: readonly Scenario[],
): Acquisition {
  const distances = createDistances(model.points, model.kernel.inverseSquaredLengths);
  return {
    evaluate: createSingle(model, scenarios, distances),
    evaluateAll: createMany(model, scenarios, distances),
  };
}

/** The function that evaluates one point, with the gradient. */
function createSingle(
  { points, kernel, factor }: Pick<Posterior, 'points' | 'kernel' | 'factor'>,
  scenarios: readonly Scenario[],
  distances: DistanceWriter,
): Acquisition['evaluate'] {
  const { coordinates, isChoice, count: n } = points;
  const { inverseSquaredLengths, scale } = kernel;
  const dimensions = isChoice.length;
  const values = new Float64Array(scenarios.length);
  const squared = new Float64Array(n);
  const cross = new Float64Array(n);
  const solved = new Float64Array(n);
  const coefficients = new Float64Array(n);

  return (point, gradient) => {
    distances(point, squared, 0, 1);
    for (let i = 0; i < n; i++) cross[i] = scale * matern52(squared[i]!);
    solved.set(cross);
    solveLower(factor, n, solved);
    let variance = scale;
    for (let i = 0; i < n; i++) variance -= solved[i]! * solved[i]!;
    variance = Math.max(0, variance) + LEAST_VARIANCE;
    const improvements = scenarios.map(({ weights, best }, s) => {
      let mean = 0;
      for (let i = 0; i < n; i++) mean += cross[i]! * weights[i]!;
      const improvement = logExpectedImprovement(mean, variance, best);
      values[s] = improvement.value;
      return improvement;
    });
    const value = logMean(values);
    if (gradient === undefined) return value;

    // Derivative of the value along the kernel at each observed point, then along the coordinates.
    coefficients.fill(0);
    let byVariance = 0;
    for (const [s, { weights }] of scenarios.entries()) {
      const share = Math.exp(values[s]! - value) / scenarios.length;
      byVariance += share * improvements[s]!.byVariance;
      const byMean = share * improvements[s]!.byMean;
      for (let i = 0; i < n; i++) coefficients[i] = coefficients[i]! + byMean * weights[i]!;
    }
    solveUpper(factor, n, solved);
    gradient.fill(0);
    for (let i = 0, at = 0; i < n; i++, at += dimensions) {
      const byKernel = coefficients[i]! - 2 * byVariance * solved[i]!;
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
  { points, kernel, factor }: Pick<Posterior, 'points' | 'kernel' | 'factor'>,
  scenarios: readonly Scenario[],
  distances: DistanceWriter,
): Acquisition['evaluateAll'] {
  const { isChoice, count: n } = points;
  const { scale } = kernel;
  const dimensions = isChoice.length;
  const values = new Float64Array(scenarios.length);
  const block = new Float64Array(n * BLOCK);
  const means = new Float64Array(scenarios.length * BLOCK);

  return (candidates, count) => {
    const result = new Float64Array(count);
    for (let first = 0; first < count; first += BLOCK) {
      const width = Math.min(BLOCK, count - first);
      for (let b = 0; b < width; b++) {
        const at = (first + b) * dimensions;
        distances(candidates.subarray(at, at + dimensions), block, b, BLOCK);
      }
      for (let i = 0; i < n * BLOCK; i++) block[i] = scale * matern52(block[i]!);
      means.fill(0);
      for (const [s, { weights }] of scenarios.entries()) addProducts(weights, block, means, s * BLOCK);
      solveLowerBlock(factor, n, block);
      for (let b = 0; b < width; b++) {
        let variance = scale;
        for (let i = 0; i < n; i++) variance -= block[i * BLOCK + b]! ** 2;
        variance = Math.max(0, variance) + LEAST_VARIANCE;
        for (const [s, { best }] of scenarios.entries()) {
          values[s] = logExpectedImprovement(means[s * BLOCK + b]!, variance, best).value;
        }
        result[first + b] = logMean(values);
      }
    }
    return result;
  };
}

/** Adds to eight sums from `start` on: weights [N] times each column of a block [N, 8]. */
function addProducts(weights: Float64Array, block: Float64Array, sums: Float64Array, start: number): void {
  for (let i = 0, at = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    for (let b = 0; b < BLOCK; b++, at++) sums[start + b] = sums[start + b]! + weight * block[at]!;
  }
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

/** log of the mean of exp(values). */
function logMean(values: Float64Array): number {
  if (values.length === 1) return values[0]!;
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum / values.length);
}
