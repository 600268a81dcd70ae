// The median rule: a trial stops if its best value so far is worse than the median of what the other trials had after as
// many evaluations. Source: Golovin et al. 2017, "Google Vizier", with values instead of their running means.
import { valueAfter } from './halving-pruner.ts';
import type { Pruner, PrunerOptions } from './pruner.ts';

/** A median of fewer trials says little. */
const LEAST_RIVALS = 5;

export function createMedianPruner({ minEvaluations }: PrunerOptions): Pruner {
  return {
    shouldStop(trial, others) {
      const reached = trial.reports.length;
      if (reached < minEvaluations) return false;
      const rivals = others.filter((other) => other.reports.length >= reached);
      if (rivals.length < LEAST_RIVALS) return false;
      let best = Number.POSITIVE_INFINITY;
      for (let at = 1; at <= reached; at++) best = Math.min(best, valueAfter(trial, at));
      const better = rivals.filter((other) => valueAfter(other, reached) < best).length;
      return better > rivals.length / 2;
    },
  };
}
