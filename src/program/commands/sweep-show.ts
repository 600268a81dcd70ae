// veracity sweep show: one sweep with its trials.
import { appError, formatDuration } from '../../foundation/core/index.ts';
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import { formatOverrides, rankTrials, showSweep } from '../../workflows/sweep/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const sweepShowCommand: Command = {
  name: 'sweep show',
  summary: 'show one sweep with its trials',
  argumentsUsage: '<sweep>',
  options: [],
  examples: ['veracity sweep show sweep-20260101-000000-abcd'],
  run: async ({ args }, context) => {
    const [id, ...others] = args;
    if (id === undefined || others.length > 0)
      throw appError('USAGE', {
        where: 'sweep show',
        problem: `expected one sweep, got ${args.length}`,
        hint: 'List them with: veracity sweep list',
      });
    const shown = await showSweep(id, context);
    const { sweep, status, reason, seconds } = shown.summary;
    const { definition } = sweep;
    const { method, metric, space, overrides, earlyStopping } = definition;
    const text = [
      `${sweep.id}: ${status}${reason === null ? '' : ` (${reason})`}, ${formatDuration(seconds)}`,
      `method   ${method}, ${metric.goal} ${metric.name}${earlyStopping === null ? '' : `, early stopping by ${earlyStopping.kind}`}`,
      `searched ${Object.keys(space).join(', ')}`,
      `all      ${overrides.join(' ') || '-'}`,
      ...(definition.datasetVersion === null ? [] : [`dataset  ${definition.datasetVersion}`]),
      '',
      formatTrialTable(shown.trials, definition),
    ].join('\n');
    return { json: { ...shown.summary, best: shown.best, trials: shown.trials }, text };
  },
};

/** The trials by number; `*` marks the best. */
export function formatTrialTable(trials: readonly Trial[], definition: SweepDefinition): string {
  const [best] = rankTrials(trials, definition);
  return formatTable(
    ['trial', 'state', definition.metric.name, 'settings', 'run'],
    trials.map((trial) => [
      `${trial.number}${trial.number === best?.number ? '*' : ''}`,
      trial.state === 'stopped' ? 'stopped early' : trial.state,
      trial.value === null ? '-' : trial.value.toFixed(4),
      trial.failure === null
        ? trial.repeats === null
          ? formatOverrides(trial.parameters)
          : `trial ${trial.repeats} again, seed ${trial.seed}`
        : `${formatOverrides(trial.parameters)} (${trial.failure.code})`,
      trial.runId ?? '-',
    ]),
  );
}
