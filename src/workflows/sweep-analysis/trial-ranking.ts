// The order of the trials of a sweep: those that it has proposed, the best first.
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';

/** The trials that the search itself has proposed, without those that repeat the best ones. */
export function listProposed(trials: readonly Trial[]): Trial[] {
  return trials.filter(({ repeats }) => repeats === null);
}

/** Finished trials, the best first; repetitions are left out. */
export function rankTrials(trials: readonly Trial[], { metric }: Pick<SweepDefinition, 'metric'>): Trial[] {
  const sign = metric.goal === 'minimize' ? 1 : -1;
  return listProposed(trials)
    .filter(({ state, value }) => state === 'finished' && value !== null && Number.isFinite(value))
    .sort((a, b) => sign * (a.value! - b.value!) || a.number - b.number);
}
