// How far a vector lies from the nearest class of training articles, in standard deviations of the classes' common
// spread (Mahalanobis): Lee et al. 2018, arXiv 1807.03888. The spread is drawn towards a ball, so that it can be inverted
// with fewer articles than dimensions.
import { invariant } from '../core/errors.ts';

/** Share of the ball: Ledoit and Wolf's is often near it, and costs more to find. */
const SHRINKAGE = 0.1;

export interface ClassDistance {
  readonly classes: number; // C
  readonly width: number; // D
  /** [C, D] */
  readonly means: Float32Array;
  /** [D, D] lower triangular: inverse of the Cholesky factor of the spread. */
  readonly whitening: Float32Array;
}

/**
 * Fits the classes.
 * @param vectors  [N, D]
 * @param labels   [N]
 */
export function fitClassDistance(
  vectors: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): ClassDistance {
  const rows = labels.length; // N
  invariant(rows > 0, 'there are vectors');
  const width = vectors.length / rows; // D
  const means = new Float32Array(classes * width);
  const counts = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    counts[label]!++;
    for (let d = 0; d < width; d++) means[label * width + d]! += vectors[row * width + d]!;
  }
  for (let i = 0; i < means.length; i++) means[i]! /= Math.max(1, counts[Math.floor(i / width)]!);
  const spread = new Float64Array(width * width); // [D, D], lower half
  const centred = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const mean = labels[row]! * width;
    for (let d = 0; d < width; d++) centred[d] = vectors[row * width + d]! - means[mean + d]!;
    for (let i = 0; i < width; i++) {
      const value = centred[i]! / rows;
      for (let j = 0; j <= i; j++) spread[i * width + j]! += value * centred[j]!;
    }
  }
  let trace = 0;
  for (let d = 0; d < width; d++) trace += spread[d * width + d]!;
  const ball = Math.max((SHRINKAGE * trace) / width, 1e-12);
  for (let i = 0; i < spread.length; i++) spread[i]! *= 1 - SHRINKAGE;
  for (let d = 0; d < width; d++) spread[d * width + d]! += ball;
  return { classes, width, means, whitening: invertFactor(spread, width) };
}

/** Distance to the nearest class, per dimension: about 1 for a training article. @param vector [D] */
export function measureDistance(
  { classes, width, means, whitening }: ClassDistance,
  vector: ArrayLike<number>,
): number {
  let nearest = Number.POSITIVE_INFINITY;
  const centred = new Float64Array(width);
  for (let c = 0; c < classes; c++) {
    for (let d = 0; d < width; d++) centred[d] = vector[d]! - means[c * width + d]!;
    let squares = 0;
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += whitening[i * width + j]! * centred[j]!;
      squares += sum * sum;
    }
    nearest = Math.min(nearest, squares);
  }
  return Math.sqrt(nearest / width);
}

/** Inverse of the Cholesky factor of a positive definite matrix given by its lower half, which is overwritten. */
function invertFactor(a: Float64Array, n: number): Float32Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-20)) : sum / a[j * n + j]!;
    }
  }
  const inverse = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    inverse[j * n + j] = 1 / a[j * n + j]!;
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= a[i * n + k]! * inverse[k * n + j]!;
      inverse[i * n + j] = sum / a[i * n + i]!;
    }
  }
  return Float32Array.from(inverse);
}
