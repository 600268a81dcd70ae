// The distance of a vector from the nearest class of training articles, in standard deviations of the spread that the
// classes have in common (Mahalanobis distance): Lee et al. 2018, arXiv 1807.03888. The covariance is shrunk towards a
// multiple of the identity, so that it can be inverted with fewer articles than dimensions.
import { invariant } from '../../foundation/core/index.ts';

/** Weight of the identity: Ledoit and Wolf's estimate is often near this, and costs more to compute. */
const SHRINKAGE = 0.1;

export interface ClassDistance {
  readonly classes: number; // C
  readonly width: number; // D
  /** [C, D] */
  readonly means: Float32Array;
  /** [D, D] lower triangular: inverse of the Cholesky factor of the covariance. */
  readonly whitening: Float32Array;
}

/**
 * Fits the class means and the common covariance.
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
export function measureDistance(space: ClassDistance, vector: ArrayLike<number>): number {
  const { classes, width } = space;
  let means = whitenedMeans.get(space);
  if (means === undefined) {
    means = Array.from({ length: classes }, (_, c) =>
      whiten(space, space.means.subarray(c * width, (c + 1) * width)),
    );
    whitenedMeans.set(space, means);
  }
  const whitened = whiten(space, vector);
  let nearest = Number.POSITIVE_INFINITY;
  for (const mean of means) {
    let squares = 0;
    for (let d = 0; d < width; d++) squares += (whitened[d]! - mean[d]!) ** 2;
    nearest = Math.min(nearest, squares);
  }
  return Math.sqrt(nearest / width);
}

/** Computed once a space: an article then costs one product, however many classes there are. */
const whitenedMeans = new WeakMap<ClassDistance, readonly Float64Array[]>();

/** whitening @ vector, in four independent sums that the processor computes at the same time. @returns [D] */
function whiten({ width, whitening }: ClassDistance, vector: ArrayLike<number>): Float64Array {
  const values = new Float64Array(vector);
  const result = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    const row = i * width;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let j = 0;
    for (; j + 3 <= i; j += 4) {
      a += whitening[row + j]! * values[j]!;
      b += whitening[row + j + 1]! * values[j + 1]!;
      c += whitening[row + j + 2]! * values[j + 2]!;
      d += whitening[row + j + 3]! * values[j + 3]!;
    }
    for (; j <= i; j++) a += whitening[row + j]! * values[j]!;
    result[i] = a + b + (c + d);
  }
  return result;
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
