// Successive halving without waiting: after certain numbers of evaluations (the brackets) a trial goes on only if its best
// value so far is among the best 1 / eta of all trials that came as far. The first trials meet few others and mostly go on.
// hyperband: as Weights & Biases means `early_terminate: {type: hyperband}`. One trial more than the share is kept, and a
//   trial between two brackets is compared again whenever others have come as far.
// asha: Li et al. 2018, arXiv 1810.05934, as a rule for stopping. One decision at each bracket.
import type { Pruner, PrunerOptions } from './pruner.ts';
import type { Observation } from './sampler.ts';

export function createHalvingPruner(options: PrunerOptions): Pruner {
  const isHyperband = options.kind === 'hyperband';
  return {
    shouldStop(trial, others) {
      const reached = trial.reports.length;
      const bracket = listBrackets(options, reached).at(-1);
      if (bracket === undefined || (!isHyperband && bracket !== reached)) return false;
      const own = bestUntil(trial, bracket);
      const rivals = others.filter((other) => other.reports.length >= bracket);
      const better = rivals.filter((other) => bestUntil(other, bracket) < own).length;
      const share = Math.floor((rivals.length + 1) / options.eta);
      return better >= (isHyperband ? share + 1 : Math.max(1, share));
    },
  };
}

/**
 * The numbers of evaluations after which trials are compared, up to `reached`. With a number of brackets s:
 * max / eta, max / eta^2, ..., max / eta^s. Without: min, min * eta, min * eta^2, ...
 */
export function listBrackets(
  { minEvaluations, eta, maxEvaluations, brackets }: Omit<PrunerOptions, 'kind'>,
  reached: number,
): number[] {
  const listed: number[] = [];
  if (brackets !== null && maxEvaluations !== null) {
    for (let k = brackets; k >= 1; k--) listed.push(Math.floor(maxEvaluations / eta ** k));
  } else {
    for (let at = minEvaluations; at <= reached; at *= eta) listed.push(Math.floor(at));
  }
  return listed.filter((at) => at >= 1 && at <= reached);
}

/** The value of an evaluation, counted from 1; one that is not a number is worse than all others. */
export function valueAfter(trial: Observation, evaluations: number): number {
  const value = trial.reports[evaluations - 1]?.value ?? Number.POSITIVE_INFINITY;
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

/** The best value up to an evaluation: a training keeps its best checkpoint, so a later, worse value costs it nothing. */
function bestUntil(trial: Observation, evaluations: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 1; at <= evaluations; at++) best = Math.min(best, valueAfter(trial, at));
  return best;
}
