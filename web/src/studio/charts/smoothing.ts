// Smooths a curve for the eye: an exponential average whose weights fall with the distance on the x axis, so that a curve
// of few points and one of many look equally smooth.

/** The largest half-life, as a share of the shown range: what 100% on the slider means. */
const MOST = 0.1;

/**
 * The average of the points up to each x, each weighted by 2^(-distance / half-life).
 * @param strength 0 (the points themselves) to 1 (half-life of a tenth of `span`)
 * @param span the width of the shown range of x
 * @returns one value for each point; a value that is not finite stays as it is and counts for nothing
 */
export function smoothCurve(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  strength: number,
  span: number,
): Float64Array {
  const out = new Float64Array(ys.length);
  // squared: small settings differ as clearly as large ones
  const halfLife = strength * strength * MOST * span;
  let sum = 0;
  let weight = 0;
  let before = Number.NaN;
  for (let i = 0; i < ys.length; i++) {
    const y = ys[i]!;
    if (!(halfLife > 0) || !Number.isFinite(y)) {
      out[i] = y;
      continue;
    }
    const kept = Number.isNaN(before) ? 0 : 2 ** (-Math.max(0, xs[i]! - before) / halfLife);
    // points at one place count alike
    sum = sum * kept + y;
    weight = weight * kept + 1;
    before = xs[i]!;
    out[i] = sum / weight;
  }
  return out;
}
