// veracity sweep show: one sweep with its trials, and what they have shown.
import { appError, formatDuration } from '../../foundation/core/index.ts';
import type { SweepDefinition, Trial } from '../../foundation/records/index.ts';
import { formatOverrides } from '../../workflows/sweep/index.ts';
import { analyseSweep, rankTrials } from '../../workflows/sweep-analysis/index.ts';
import type { Command } from './command.ts';
import { formatFindings } from './sweep-findings.ts';
import { formatTable } from './table.ts';

export const sweepShowCommand: Command = {
  name: 'sweep show',
  summary: 'show one sweep: its trials, which settings matter, the best by budget, the noise of the seed',
  argumentsUsage: '<sweep>',
  options: [
    { flags: '--metric <name>', description: 'explain this metric of the runs (default: that of the sweep)' },
    {
      flags: '--pareto <metric>',
      description: 'trials that no other beats both in the metric of the sweep and in this one, e.g. seconds',
    },
  ],
  examples: [
    'veracity sweep show sweep-20260101-000000-abcd',
    'veracity sweep show sweep-20260101-000000-abcd --pareto seconds',
  ],
  run: async ({ args, options }, context) => {
    const [id, ...others] = args;
    if (id === undefined || others.length > 0)
      throw appError('USAGE', {
        where: 'sweep show',
        problem: `expected one sweep, got ${args.length}`,
        hint: 'List them with: veracity sweep list',
      });
    const read = (name: 'metric' | 'pareto'): string | undefined => {
      const value = options[name];
      return typeof value === 'string' ? value : undefined;
    };
    const analysed = await analyseSweep({ id, metric: read('metric'), pareto: read('pareto') }, context);
    const { summary, trials } = analysed;
    const { definition } = summary.sweep;
    const { method, metric, space, overrides, earlyStopping } = definition;
    const { reason } = summary;
    const head = [
      `${id}: ${summary.status}${reason === null ? '' : ` (${reason})`}, ${formatDuration(summary.seconds)}`,
      `method   ${method}, ${metric.goal} ${metric.name}${earlyStopping === null ? '' : `, early stopping by ${earlyStopping.kind}`}`,
      `searched ${Object.keys(space).join(', ')}`,
      `all      ${overrides.join(' ') || '-'}`,
      ...(definition.datasetVersion === null ? [] : [`dataset  ${definition.datasetVersion}`]),
    ].join('\n');
    const { best, importance, axes, pareto, noise } = analysed;
    return {
      json: { ...summary, best, trials, importance, axes, pareto, noise },
      text: [head, formatTrialTable(trials, definition), ...formatFindings(analysed)].join('\n\n'),
    };
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
