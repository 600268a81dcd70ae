// The Matérn 5/2 kernel over points of the unit cube, with a length scale per dimension (automatic relevance determination).
// Between two numbers the squared distance is (a - b)², between two choices 0 or 1 (Hamming).
// k(x, x') = scale * (1 + r + r²/3) e^-r  with  r² = 5 Σ_d inverseSquaredLengths[d] * distance_d²(x, x')
// Source: Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", equation 4.17.

/** What a fit finds. */
export interface KernelParameters {
  /** [D] 1 / length²; the length is in units of the cube. */
  readonly inverseSquaredLengths: Float64Array;
  /** Variance of the function; the kernel's value at distance 0. */
  readonly scale: number;
  /** Variance of the noise of one observation. */
  readonly noise: number;
}

/** Matérn 5/2 without scale, from the squared weighted distance (not yet times five). */
export function matern52(squaredDistance: number): number {
  const r = Math.sqrt(5 * squaredDistance);
  return (1 + r + (5 / 3) * squaredDistance) * Math.exp(-r);
}

/** Derivative of `matern52` with respect to the squared distance; finite at 0. */
export function matern52Slope(squaredDistance: number): number {
  const r = Math.sqrt(5 * squaredDistance);
  return (-5 / 6) * (1 + r) * Math.exp(-r);
}

/** Points of the cube, [count, D] row-major. In a dimension of choices a coordinate is the number of the choice. */
export interface Points {
  readonly coordinates: Float64Array;
  readonly count: number;
  /** Per dimension, whether its coordinates are numbers of choices. */
  readonly isChoice: readonly boolean[];
}

/** Weighted squared distance of row i of `points` to row j of `others`. */
export function squaredDistance(
  points: Float64Array,
  i: number,
  others: Float64Array,
  j: number,
  isChoice: readonly boolean[],
  weights: Float64Array,
): number {
  const dimensions = weights.length;
  let sum = 0;
  for (let d = 0, a = i * dimensions, b = j * dimensions; d < dimensions; d++, a++, b++) {
    const difference = points[a]! - others[b]!;
    if (difference !== 0) sum += weights[d]! * (isChoice[d] ? 1 : difference * difference);
  }
  return sum;
}
