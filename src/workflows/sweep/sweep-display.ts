// Shows the progress of a sweep: one line for each trial that ends, and a bar with the best so far and the remaining time.
import { formatDuration } from '../../foundation/core/index.ts';
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { rankTrials } from '../sweep-analysis/index.ts';
import { formatOverrides } from './trial-overrides.ts';

export interface SweepDisplay {
  /** Shows what has changed since the last call. */
  show(trials: readonly Trial[]): void;
  stop(): void;
}

/** Trials that have ended before are not shown again. */
export function createSweepDisplay(
  definition: SweepDefinition,
  endedBefore: readonly Trial[],
  { say, progress }: Pick<WorkflowContext, 'say' | 'progress'>,
): SweepDisplay {
  const shown = new Set(endedBefore.map(({ number }) => number));
  const total = definition.budget.trials ?? countGrid(definition);
  const bar = progress('sweep', Math.max(0, total - shown.size), 'trials');
  const before = shown.size;
  return {
    show: (trials) => {
      const [best] = rankTrials(trials, definition);
      for (const trial of trials) {
        if (trial.endedAt === null || shown.has(trial.number)) continue;
        shown.add(trial.number);
        say(formatTrialLine(trial, definition, best?.number === trial.number));
      }
      const note =
        best === undefined
          ? ''
          : `best ${definition.metric.name} ${best.value!.toFixed(4)} (trial ${best.number})`;
      bar.update(shown.size - before, note);
    },
    stop: () => bar.stop(),
  };
}

/** One line such as `trial 3: val_loss 0.1234 (best so far), lr=1e-3, 2m 10s, run-…`. */
export function formatTrialLine(trial: Trial, { metric }: SweepDefinition, isBest: boolean): string {
  const { number, parameters, value, failure, startedAt, endedAt, runId, repeats, seed } = trial;
  const best = isBest ? ' (best so far)' : '';
  const figure = value === null ? `no ${metric.name}` : `${metric.name} ${value.toFixed(4)}`;
  const outcome: Readonly<Record<string, string>> = {
    finished: `${figure}${best}`,
    stopped: `stopped early at ${figure}`,
    failed: `failed with ${failure?.code}: ${failure?.message}`,
  };
  const again = repeats === null ? '' : `trial ${repeats} again with seed ${seed}`;
  const seconds =
    startedAt === null || endedAt === null ? 0 : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const parts = [
    outcome[trial.state] ?? trial.state,
    again === '' ? formatOverrides(parameters) : again,
    formatDuration(seconds),
    ...(runId === null ? [] : [runId]),
  ];
  return `trial ${number}: ${parts.join(', ')}`;
}

/** How many trials a grid has; 0: not known. */
function countGrid({ method, space }: SweepDefinition): number {
  if (method !== 'grid' || Object.values(space).some(({ when }) => when !== undefined)) return 0;
  return Object.values(space).reduce((product, parameter) => {
    if (parameter.kind === 'categorical') return product * parameter.choices.length;
    const step = parameter.step ?? (parameter.kind === 'int' ? 1 : 0);
    return step === 0 ? product : product * (Math.floor((parameter.high - parameter.low) / step + 1e-9) + 1);
  }, 1);
}
