// The logarithm of expected improvement, and its derivatives, accurate where the improvement itself is too small for a number.
// E max(0, y - best) for y ~ N(mean, variance) is σ h(z) with z = (mean - best) / σ and h(z) = z Φ(z) + φ(z).
// Source: Ament et al. 2023, arXiv 2310.20708, equation 9. It uses erfcx below z = -25; here the same ratio of tail and density
// (Mills' ratio) comes from Laplace's continued fraction, which needs no subtraction and serves from z = -3 on.

const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
/** From here the continued fraction is used; the series loses digits beyond. */
const FRACTION_FROM = 3;

/**
 * The part c of Mills' ratio (1 - Φ(t)) / φ(t) = 1 / (t + c), for t >= 3:
 * c = 1 / (t + 2 / (t + 3 / (t + …))).
 */
function fractionTail(t: number): number {
  let c = 0;
  // So many terms leave an error below 1e-12 of c.
  for (let k = Math.ceil(8 + 290 / (t * t)); k >= 1; k--) c = k / (t + c);
  return c;
}

/** Φ(z) and φ(z) for |z| <= 3, by the series Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/15 + …). */
function nearCentre(z: number): { below: number; density: number } {
  const density = Math.exp(-0.5 * z * z - LOG_SQRT_2PI);
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return { below: 0.5 + density * sum, density };
}

/** log h(z) and its derivative Φ(z) / h(z). */
export function logStandardImprovement(z: number): { value: number; slope: number } {
  if (z <= -FRACTION_FROM) {
    // h / φ = 1 - t / (t + c) = c / (t + c), and Φ / h = 1 / c.
    const c = fractionTail(-z);
    return { value: -0.5 * z * z - LOG_SQRT_2PI + Math.log(c / (c - z)), slope: 1 / c };
  }
  if (z < FRACTION_FROM) {
    const { below, density } = nearCentre(z);
    const h = z * below + density;
    return { value: Math.log(h), slope: below / h };
  }
  const density = Math.exp(-0.5 * z * z - LOG_SQRT_2PI);
  const below = 1 - density / (z + fractionTail(z));
  const h = z * below + density;
  return { value: Math.log(h), slope: below / h };
}

/** Log expected improvement over `best` and its derivatives with respect to mean and variance. */
export function logExpectedImprovement(
  mean: number,
  variance: number,
  best: number,
): { value: number; byMean: number; byVariance: number } {
  const deviation = Math.sqrt(variance);
  const z = (mean - best) / deviation;
  const { value, slope } = logStandardImprovement(z);
  return {
    value: value + Math.log(deviation),
    byMean: slope / deviation,
    byVariance: (1 - slope * z) / (2 * variance),
  };
}
