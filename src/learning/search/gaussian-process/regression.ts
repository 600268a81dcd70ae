// Gaussian-process regression: the likelihood of observed scores, and mean and variance of the function elsewhere.
// Scores are observed with noise: y = f(x) + e, f ~ GP(0, k), e ~ N(0, noise).
// Source: Rasmussen and Williams 2006, algorithm 2.1 and equation 5.9.
import { factorCholesky, invertCholesky, solveLower, solveUpper } from './cholesky.ts';
import { type KernelParameters, matern52, type Points, squaredDistance } from './kernel.ts';

/** Variance that is left at a point added by `believe`: keeps the covariance positive definite. */
const LEAST_BELIEVED_VARIANCE = 1e-12;

/** Where a function was observed, and the scores there; higher is better. */
export interface ScoredPoints {
  readonly points: Points;
  /** [N] */
  readonly scores: Float64Array;
}

/** ScoredPoints with the factor of its covariance: everything that a prediction needs. */
export interface Posterior extends ScoredPoints {
  readonly kernel: KernelParameters;
  /** [N, N] Cholesky factor of k(X, X) + noise. */
  readonly factor: Float64Array;
  /** [N] (k(X, X) + noise)⁻¹ y */
  readonly weights: Float64Array;
}

/** Factors the covariance of scored. Returns null where it is not positive definite in float64. */
export function conditionOn({ points, scores }: ScoredPoints, kernel: KernelParameters): Posterior | null {
  const n = points.count;
  const factor = covariance(points, kernel);
  for (let i = 0; i < n; i++) factor[i * n + i] = factor[i * n + i]! + kernel.noise;
  if (!factorCholesky(factor, n)) return null;
  const weights = scores.slice();
  solveLower(factor, n, weights);
  solveUpper(factor, n, weights);
  return { points, scores, kernel, factor, weights };
}

/**
 * Adds points as if the function had been observed there, without noise, with the values that the posterior expects:
 * the mean stays as it is everywhere, the variance vanishes around these points.
 * Source: Ginsbourger et al. 2010, "Kriging Is Well-Suited to Parallelize Optimization" (the Kriging believer).
 */
export function believe(posterior: Posterior, added: Points): Posterior {
  const { points, scores, kernel } = posterior;
  const n = points.count;
  const total = n + added.count;
  const all: Points = {
    ...points,
    coordinates: Float64Array.of(...points.coordinates, ...added.coordinates),
    count: total,
  };
  const factor = covariance(all, kernel);
  for (let i = 0; i < n; i++) factor[i * total + i] = factor[i * total + i]! + kernel.noise;
  factorCholesky(factor, total, LEAST_BELIEVED_VARIANCE);
  // With L the factor, L⁻¹ [scores; expected] = [L⁻¹ scores; 0].
  const weights = new Float64Array(total);
  weights.set(scores);
  solveLower(factor, total, weights);
  weights.fill(0, n);
  const allScores = new Float64Array(total);
  allScores.set(scores);
  for (let row = n; row < total; row++) {
    for (let i = 0; i < n; i++) allScores[row] = allScores[row]! + factor[row * total + i]! * weights[i]!;
  }
  solveUpper(factor, total, weights);
  return { points: all, scores: allScores, kernel, factor, weights };
}

/** [N, N] kernel between all points, without noise; lower triangle. */
function covariance({ coordinates, count, isChoice }: Points, kernel: KernelParameters): Float64Array {
  const matrix = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      matrix[i * count + j] =
        kernel.scale *
        matern52(squaredDistance(coordinates, i, coordinates, j, isChoice, kernel.inverseSquaredLengths));
    }
  }
  return matrix;
}

/** Mean and variance of the function at a point. @param point [D] */
export function predict(posterior: Posterior, point: Float64Array): { mean: number; variance: number } {
  const { points, kernel, factor, weights } = posterior;
  const n = points.count;
  const cross = new Float64Array(n);
  let mean = 0;
  for (let i = 0; i < n; i++) {
    const distance = squaredDistance(
      point,
      0,
      points.coordinates,
      i,
      points.isChoice,
      kernel.inverseSquaredLengths,
    );
    cross[i] = kernel.scale * matern52(distance);
    mean += cross[i]! * weights[i]!;
  }
  solveLower(factor, n, cross);
  let explained = 0;
  for (let i = 0; i < n; i++) explained += cross[i]! * cross[i]!;
  return { mean, variance: Math.max(0, kernel.scale - explained) };
}

/** The likelihood of scored points as a function of the kernel's parameters, with all that does not change computed once. */
export interface Likelihood {
  /**
   * log p(y | X, kernel) without its constant -N/2 log 2π; -Infinity where the covariance is not positive definite.
   * @param gradient [D + 2] receives the derivatives with respect to inverse squared lengths, scale and noise
   */
  evaluate(kernel: KernelParameters, gradient?: Float64Array): number;
}

export function createLikelihood({ points, scores }: ScoredPoints): Likelihood {
  const n = points.count;
  const { isChoice } = points;
  // One dimension after the other, so that inner loops are over neighbours in memory.
  const columns = isChoice.map((_, d) =>
    Float64Array.from({ length: n }, (_unused, i) => points.coordinates[i * isChoice.length + d]!),
  );
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  const between = new Float64Array(n * n);
  const correlations = new Float64Array(n * n);
  const slopes = new Float64Array(n * n);
  const weights = new Float64Array(n);
  return {
    evaluate(kernel, gradient) {
      const { inverseSquaredLengths, scale, noise } = kernel;
      slopes.fill(0);
      for (let i = 0; i < n; i++) {
        const row = i * n;
        // At first the squared distances stand where the slopes will.
        for (const [d, column] of columns.entries()) {
          addDistances(column, i, isChoice[d]!, inverseSquaredLengths[d]!, slopes, row);
        }
        for (let at = row; at < row + i; at++) {
          // matern52 and matern52Slope, with their exponential computed once.
          const squared = slopes[at]!;
          const r = Math.sqrt(5 * squared);
          const decay = Math.exp(-r);
          correlations[at] = (1 + r + (5 / 3) * squared) * decay;
          slopes[at] = (-5 / 6) * (1 + r) * decay;
          factor[at] = scale * correlations[at]!;
        }
        factor[row + i] = scale + noise;
      }
      if (!factorCholesky(factor, n)) return Number.NEGATIVE_INFINITY;
      weights.set(scores);
      solveLower(factor, n, weights);
      let value = 0;
      for (let i = 0; i < n; i++) value -= Math.log(factor[i * n + i]!) + 0.5 * weights[i]! ** 2;
      if (gradient !== undefined) {
        solveUpper(factor, n, weights);
        invertCholesky(factor, n, inverse, between);
        writeGradient(gradient, scale);
      }
      return value;
    },
  };

  // With a = K⁻¹ y, the derivative along dK is ½ Σ_ij (a_i a_j - K⁻¹_ij) dK_ij.
  function writeGradient(gradient: Float64Array, scale: number): void {
    const dimensions = isChoice.length;
    gradient.fill(0);
    let byScale = 0;
    let byNoise = 0;
    for (let i = 0; i < n; i++) {
      const row = i * n;
      for (let j = 0; j < i; j++) {
        const share = weights[i]! * weights[j]! - inverse[row + j]!;
        byScale += share * correlations[row + j]!;
        slopes[row + j] = share * scale * slopes[row + j]!;
      }
      for (let d = 0; d < dimensions; d++) {
        gradient[d] = gradient[d]! + sumDistances(columns[d]!, i, isChoice[d]!, slopes, row);
      }
      byNoise += 0.5 * (weights[i]! ** 2 - inverse[row + i]!);
    }
    gradient[dimensions] = byScale + byNoise;
    gradient[dimensions + 1] = byNoise;
  }
}

/** Adds weight times the squared distance of point i to each point j before it, into[start + j]. */
function addDistances(
  column: Float64Array,
  i: number,
  isChoice: boolean,
  weight: number,
  into: Float64Array,
  start: number,
): void {
  const coordinate = column[i]!;
  if (isChoice) {
    for (let j = 0; j < i; j++) if (column[j] !== coordinate) into[start + j] = into[start + j]! + weight;
    return;
  }
  for (let j = 0; j < i; j++) {
    const difference = coordinate - column[j]!;
    into[start + j] = into[start + j]! + weight * difference * difference;
  }
}

/** The sum of factors[start + j] times the squared distance of point i to each point j before it. */
function sumDistances(
  column: Float64Array,
  i: number,
  isChoice: boolean,
  factors: Float64Array,
  start: number,
): number {
  const coordinate = column[i]!;
  let sum = 0;
  if (isChoice) {
    for (let j = 0; j < i; j++) if (column[j] !== coordinate) sum += factors[start + j]!;
    return sum;
  }
  for (let j = 0; j < i; j++) {
    const difference = coordinate - column[j]!;
    sum += factors[start + j]! * difference * difference;
  }
  return sum;
}
