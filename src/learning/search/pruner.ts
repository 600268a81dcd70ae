// The port of pruners: whether a trial is stopped early, from its reports and those of the others.
import type { Observation } from './sampler.ts';

export interface Pruner {
  /**
   * Whether a running trial should stop now. Called after each of its reports.
   * @param others all other trials, in the order of their proposals
   */
  shouldStop(trial: Observation, others: readonly Observation[]): boolean;
}
