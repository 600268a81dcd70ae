// What the model learns from: one score per trial that has ended, higher is better, with mean 0 and deviation 1.
import type { Observation } from '../sampler.ts';
import type { Assignment } from '../space.ts';

/** A trial that has ended, with the value it counts with; lower is better. */
export interface Scored {
  readonly parameters: Assignment;
  readonly value: number;
  /** Whether the trial finished with a value of its own. */
  readonly isMeasured: boolean;
}

const LEAST_DEVIATION = 1e-10;

/**
 * Gives every trial that has ended a finite value.
 * A finished trial counts with its value, infinities as the best or worst finite one. A failed trial, and one whose value
 * is not a number, counts as the worst. A stopped trial counts with its last report, but as no better than the median of the finished
 * ones: it was stopped because others were better at the same step, and its value is not final.
 * @returns nothing where no trial has finished with a finite value
 */
export function scoreObservations(history: readonly Observation[]): Scored[] {
  const measured = history
    .filter(({ state, value }) => state === 'finished' && value !== null && Number.isFinite(value))
    .map(({ value }) => value as number)
    .sort((a, b) => a - b);
  if (measured.length === 0) return [];
  const best = measured[0]!;
  const worst = measured.at(-1)!;
  const median = measured[Math.floor(measured.length / 2)]!;
  return history
    .filter(({ state }) => state !== 'running')
    .map(({ parameters, state, value, reports }) => {
      const own = state === 'finished' ? value : state === 'stopped' ? (reports.at(-1)?.value ?? null) : null;
      const clipped = own === null || Number.isNaN(own) ? worst : Math.min(worst, Math.max(best, own));
      return {
        parameters,
        value: state === 'stopped' ? Math.max(median, clipped) : clipped,
        isMeasured: state === 'finished' && own !== null && Number.isFinite(own),
      };
    });
}

/** Scores of values: negated, since lower values are better, with mean 0 and deviation 1. */
export function standardize(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.max(LEAST_DEVIATION, Math.sqrt(variance));
  return Float64Array.from(values, (value) => (mean - value) / deviation);
}
