// What the model learns from: one score per trial that has ended, higher is better, with mean 0 and deviation 1.
import type { Observation } from '../sampler.ts';

const LEAST_DEVIATION = 1e-10;

/**
 * Scores trials that have ended.
 * A finished trial counts with its value, infinities as the best or worst finite one. A failed trial, and one whose value
 * is not a number, counts as the worst. A stopped trial counts with its last report, but as no better than the median of
 * the finished ones: it was stopped because others were better at the same step, and its value is not final.
 * @returns one score per trial; all 0 where no trial has finished with a finite value
 */
export function scoreObservations(ended: readonly Observation[]): Float64Array {
  const finite = ended
    .filter(({ state, value }) => state === 'finished' && Number.isFinite(value))
    .map(({ value }) => value as number)
    .sort((a, b) => a - b);
  const best = finite[0];
  const worst = finite.at(-1);
  const median = finite[Math.floor(finite.length / 2)];
  if (best === undefined || worst === undefined || median === undefined)
    return new Float64Array(ended.length);
  const values = ended.map(({ state, value, reports }) => {
    const own = state === 'finished' ? value : state === 'stopped' ? (reports.at(-1)?.value ?? null) : null;
    if (own === null || Number.isNaN(own)) return worst;
    const clipped = Math.min(worst, Math.max(best, own));
    return state === 'stopped' ? Math.max(median, clipped) : clipped;
  });
  return standardize(values);
}

/** Negated values, since lower ones are better, with mean 0 and deviation 1. */
function standardize(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.max(LEAST_DEVIATION, Math.sqrt(variance));
  return Float64Array.from(values, (value) => (mean - value) / deviation);
}
