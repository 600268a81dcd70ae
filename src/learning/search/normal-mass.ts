// The share of a normal distribution that lies in an interval.

/**
 * Probability that a standard normal value lies in [low, high]. Where both are in one tail it is the difference of two
 * small numbers, not of two near 1, so its relative error stays small.
 */
export function normalMass(low: number, high: number): number {
  if (low > 0) return upperTail(low) - upperTail(high);
  if (high < 0) return upperTail(-high) - upperTail(-low);
  return 1 - upperTail(high) - upperTail(-low);
}

/** Probability that a standard normal value is above x >= 0. */
function upperTail(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (density === 0) return 0;
  if (x < 3) {
    // Phi(x) - 1/2 = density * (x + x^3 / 3 + x^5 / (3 * 5) + ...): Abramowitz and Stegun 26.2.11.
    let term = x;
    let sum = x;
    for (let n = 3; term > sum * 1e-16; n += 2) {
      term *= (x * x) / n;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  // density / (x + 1 / (x + 2 / (x + 3 / ...))): Abramowitz and Stegun 26.2.14.
  let fraction = x;
  for (let n = 40; n > 0; n--) fraction = x + n / fraction;
  return density / fraction;
}
