// Fits the kernel's parameters to scored points: the maximum of likelihood times prior (MAP), over their logarithms.
// Priors, start and tolerance are those of Optuna 5.0's GPSampler (optuna/_gp/prior.py, gp.py), so that results can be compared.
import { findMinimum } from './bounded-minimum.ts';
import type { KernelParameters } from './kernel.ts';
import { createLikelihood, type ScoredPoints } from './regression.ts';

/** Least variance of the noise: keeps the covariance positive definite. */
export const MINIMUM_NOISE = 1e-6;
const GRADIENT_TOLERANCE = 1e-2;
const MAX_ITERATIONS = 200;

/**
 * Fits the kernel. The search begins with all parameters one, not with an earlier fit as in Optuna: so the kernel follows from
 * the points alone, whatever was proposed before, at the price of about a third more evaluations.
 */
export function fitKernel(scored: ScoredPoints): KernelParameters {
  const dimensions = scored.points.isChoice.length;
  const likelihood = createLikelihood(scored);
  const objective = (logarithms: Float64Array, gradient: Float64Array): number => {
    const kernel = decode(logarithms);
    const value = likelihood.evaluate(kernel, gradient);
    addPriorGradient(kernel, gradient);
    for (let d = 0; d <= dimensions; d++) gradient[d] = -gradient[d]! * Math.exp(logarithms[d]!);
    gradient[dimensions + 1] = -gradient[dimensions + 1]! * Math.exp(logarithms[dimensions + 1]!);
    return -value - logPrior(kernel);
  };
  const options = { gradientTolerance: GRADIENT_TOLERANCE, maxIterations: MAX_ITERATIONS };
  return decode(findMinimum(objective, encode(unitKernel(dimensions)), options).x);
}

/** The kernel before any fit: all parameters one. */
function unitKernel(dimensions: number): KernelParameters {
  return { inverseSquaredLengths: new Float64Array(dimensions).fill(1), scale: 1, noise: 1 };
}

function encode({ inverseSquaredLengths, scale, noise }: KernelParameters): Float64Array {
  // A little noise is left above the minimum, as its logarithm must exist.
  return Float64Array.of(...inverseSquaredLengths, scale, noise - 0.99 * MINIMUM_NOISE).map(Math.log);
}

function decode(logarithms: Float64Array): KernelParameters {
  const values = logarithms.map(Math.exp);
  const dimensions = values.length - 2;
  return {
    inverseSquaredLengths: values.slice(0, dimensions),
    scale: values[dimensions]!,
    noise: values[dimensions + 1]! + MINIMUM_NOISE,
  };
}

/**
 * Logarithm of the prior without constants: -0.1 (w + 1/w) on each inverse squared length w,
 * Gamma(2, 1) on the scale, Gamma(1.1, 30) on the noise.
 */
export function logPrior({ inverseSquaredLengths, scale, noise }: KernelParameters): number {
  let value = Math.log(scale) - scale + 0.1 * Math.log(noise) - 30 * noise;
  for (const weight of inverseSquaredLengths) value -= 0.1 / weight + 0.1 * weight;
  return value;
}

function addPriorGradient(
  { inverseSquaredLengths, scale, noise }: KernelParameters,
  gradient: Float64Array,
): void {
  const dimensions = inverseSquaredLengths.length;
  for (let d = 0; d < dimensions; d++)
    gradient[d] = gradient[d]! + 0.1 / inverseSquaredLengths[d]! ** 2 - 0.1;
  gradient[dimensions] = gradient[dimensions]! + 1 / scale - 1;
  gradient[dimensions + 1] = gradient[dimensions + 1]! + 0.1 / noise - 30;
}
