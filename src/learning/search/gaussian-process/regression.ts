// Gaussian-process regression: the likelihood of observed scores, and mean and variance of the function elsewhere.
// Scores are observed with noise: y = f(x) + e, f ~ GP(0, k), e ~ N(0, noise).
// Source: Rasmussen and Williams 2006, algorithm 2.1 and equation 5.9.
import { factorCholesky, invertCholesky, solveLower, solveUpper } from './cholesky.ts';
import { type KernelParameters, matern52, type Points, squaredDistance } from './kernel.ts';

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

/** [N, N] kernel between all points, without noise; lower triangle. */
export function covariance({ coordinates, count, isChoice }: Points, kernel: KernelParameters): Float64Array {
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
  const dimensions = points.isChoice.length;
  const distances = pairDistances(points);
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  const slopes = new Float64Array((n * (n - 1)) / 2);
  const correlations = new Float64Array((n * (n - 1)) / 2);
  return {
    evaluate(kernel, gradient) {
      const { inverseSquaredLengths, scale, noise } = kernel;
      for (let i = 0, pair = 0; i < n; i++) {
        for (let j = 0; j < i; j++, pair++) {
          let squared = 0;
          for (let d = 0, at = pair * dimensions; d < dimensions; d++, at++) {
            squared += inverseSquaredLengths[d]! * distances[at]!;
          }
          // matern52 and matern52Slope, with their exponential computed once.
          const r = Math.sqrt(5 * squared);
          const decay = Math.exp(-r);
          correlations[pair] = (1 + r + (5 / 3) * squared) * decay;
          slopes[pair] = (-5 / 6) * (1 + r) * decay;
          factor[i * n + j] = scale * correlations[pair]!;
        }
        factor[i * n + i] = scale + noise;
      }
      if (!factorCholesky(factor, n)) return Number.NEGATIVE_INFINITY;
      const weights = scores.slice();
      solveLower(factor, n, weights);
      let value = 0;
      for (let i = 0; i < n; i++) value -= Math.log(factor[i * n + i]!) + 0.5 * weights[i]! ** 2;
      if (gradient !== undefined) {
        solveUpper(factor, n, weights);
        invertCholesky(factor, n, inverse);
        addGradient(gradient, weights, inverse);
      }
      return value;

      // With a = K⁻¹ y, the derivative along dK is ½ Σ_ij (a_i a_j - K⁻¹_ij) dK_ij.
      function addGradient(into: Float64Array, a: Float64Array, inverted: Float64Array): void {
        into.fill(0);
        let byScale = 0;
        let byNoise = 0;
        for (let i = 0, pair = 0; i < n; i++) {
          for (let j = 0; j < i; j++, pair++) {
            const factorOfPair = a[i]! * a[j]! - inverted[i * n + j]!;
            byScale += factorOfPair * correlations[pair]!;
            const slope = factorOfPair * scale * slopes[pair]!;
            for (let d = 0, at = pair * dimensions; d < dimensions; d++, at++) {
              into[d] = into[d]! + slope * distances[at]!;
            }
          }
          byNoise += 0.5 * (a[i]! * a[i]! - inverted[i * n + i]!);
        }
        into[dimensions] = byScale + byNoise;
        into[dimensions + 1] = byNoise;
      }
    },
  };
}

/** [N (N - 1) / 2, D] squared distances of all pairs in each dimension. */
function pairDistances({ coordinates, count, isChoice }: Points): Float64Array {
  const dimensions = isChoice.length;
  const distances = new Float64Array(((count * (count - 1)) / 2) * dimensions);
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      for (let d = 0; d < dimensions; d++, at++) {
        const difference = coordinates[i * dimensions + d]! - coordinates[j * dimensions + d]!;
        distances[at] = isChoice[d] ? Number(difference !== 0) : difference * difference;
      }
    }
  }
  return distances;
}
