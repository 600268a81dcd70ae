// The port of pruners: whether a trial is stopped early, from its reports and those of the others.
import type { Observation } from './sampler.ts';

export interface Pruner {
  /**
   * Whether a running trial should stop now. Called after each of its reports.
   * @param others all other trials, in the order of their proposals
   */
  shouldStop(trial: Observation, others: readonly Observation[]): boolean;
}

export interface PrunerOptions {
  readonly kind: 'hyperband' | 'asha' | 'median';
  /** Evaluations before the first decision. */
  readonly minEvaluations: number;
  /** Each decision of hyperband and asha keeps about one trial in `eta`. Above 1. */
  readonly eta: number;
  /** Most evaluations of a trial; null where that is unknown. */
  readonly maxEvaluations: number | null;
  /** How many decisions hyperband and asha take, counted back from `maxEvaluations`; null: as many as there is room for. */
  readonly brackets: number | null;
}
