// Whether a sweep may start another trial.
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import { listProposed } from '../sweep-analysis/index.ts';
import { countWithoutImprovement } from './trial-history.ts';

/**
 * Why no further trial of the search is started; null: one is.
 * @param seconds  how long the sweep has been worked on
 */
export function findBudgetEnd(
  definition: SweepDefinition,
  trials: readonly Trial[],
  seconds: number,
): string | null {
  const { budget } = definition;
  if (budget.trials !== null && listProposed(trials).length >= budget.trials)
    return `all ${budget.trials} trials of the budget are done`;
  if (budget.minutes !== null && seconds >= budget.minutes * 60)
    return `the budget of ${budget.minutes} minutes is used`;
  if (budget.patience !== null && countWithoutImprovement(trials, definition) >= budget.patience)
    return `${budget.patience} trials in a row brought no better value`;
  return null;
}
