// The history of a sweep as samplers, pruners and the budget read it.
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import type { Observation } from '../../learning/search/index.ts';
import { listProposed } from '../sweep-analysis/index.ts';

/** Lower is better in observations: of a metric to maximise they have the negative. */
function signOf({ metric }: SweepDefinition): 1 | -1 {
  return metric.goal === 'minimize' ? 1 : -1;
}

/** One trial as an observation; one that waits for a process counts as running. */
export function observe(trial: Trial, definition: SweepDefinition): Observation {
  const sign = signOf(definition);
  return {
    parameters: trial.parameters,
    state: trial.state === 'proposed' ? 'running' : trial.state,
    value: trial.value === null ? null : sign * trial.value,
    reports: trial.reports.map(({ step, value }) => ({ step, value: sign * value })),
  };
}

/** How many trials in a row, up to the newest with an end, brought no better value. */
export function countWithoutImprovement(trials: readonly Trial[], definition: SweepDefinition): number {
  const sign = signOf(definition);
  let best = Number.POSITIVE_INFINITY;
  let count = 0;
  const ended = listProposed(trials)
    .filter(({ endedAt }) => endedAt !== null)
    .sort((a, b) => (a.endedAt! < b.endedAt! ? -1 : 1));
  for (const { state, value } of ended) {
    const isBetter = state === 'finished' && value !== null && sign * value < best;
    if (isBetter) best = sign * value!;
    count = isBetter ? 0 : count + 1;
  }
  return count;
}
