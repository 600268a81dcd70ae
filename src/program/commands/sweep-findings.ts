// What a sweep has shown as text: importance of the parameters, two metrics at once, the best by budget, noise of the seed.
import { formatDuration } from '../../foundation/core/index.ts';
import type { AnalysedSweep } from '../../workflows/sweep-analysis/index.ts';
import { formatTable } from './table.ts';

/** One section each; none of what was not asked for or cannot be said. */
export function formatFindings(analysed: AnalysedSweep): string[] {
  return [
    formatImportance(analysed.importance),
    ...formatPareto(analysed),
    ...formatBudgets(analysed),
    ...formatNoise(analysed),
  ];
}

function formatImportance({
  metric,
  report,
  correlations,
  stopped,
  reason,
}: AnalysedSweep['importance']): string {
  const correlationOf = (name: string): string => {
    const found = correlations.find(({ parameter }) => parameter === name);
    if (found === undefined) return '-';
    const { kind, value } = found;
    return kind === 'spearman' ? `${value < 0 ? '' : '+'}${value.toFixed(2)}` : `eta² ${value.toFixed(2)}`;
  };
  if (report.status !== 'measured') {
    const rows = correlations.map(({ parameter }) => [parameter, correlationOf(parameter)]);
    const table = rows.length === 0 ? '' : `\n${formatTable(['setting', 'correlation'], rows)}`;
    return `importance for ${metric}: ${reason}${table}`;
  }
  const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;
  const rows = [...report.main, ...report.pairs.filter(({ share }) => share >= LEAST_PAIR)].map(
    ({ parameters, share, low, high }) => [
      parameters.join(' with '),
      percent(share),
      `${percent(low)} to ${percent(high)}`,
      parameters.length === 1 ? correlationOf(parameters[0]!) : '',
    ],
  );
  const early = stopped === 0 ? '' : `, ${stopped} of them stopped early`;
  return `importance for ${metric}, from ${report.trials} trials${early}:\n${formatTable(
    ['setting', 'importance', '80% of the trees', 'correlation'],
    rows,
  )}`;
}

/** Interactions that explain less are left out. */
const LEAST_PAIR = 0.02;

function formatPareto({ pareto, trials }: AnalysedSweep): string[] {
  if (pareto === null) return [];
  const [first, second] = pareto.objectives;
  const side = ({ name, goal }: typeof first): string => `${goal === 'minimize' ? 'low' : 'high'} ${name}`;
  const best = pareto.points.filter(({ isBest }) => isBest);
  const finished = trials.filter(({ state }) => state === 'finished').length;
  return [
    `${best.length} of ${finished} finished trials are not beaten in both, ${side(first)} and ${side(second)}:\n${formatTable(
      ['trial', first.name, second.name, 'run'],
      best.map(({ trial, values }) => [
        `${trial.number}`,
        formatNumber(values[0]),
        formatNumber(values[1]),
        trial.runId ?? '-',
      ]),
    )}`,
  ];
}

/** So many of the best are named for each kind of budget. */
const NAMED = 3;

function formatBudgets({ axes, summary }: AnalysedSweep): string[] {
  if (axes.length === 0) return [];
  const { name, goal } = summary.sweep.definition.metric;
  const onAxis = (axis: string, value: number): string => {
    if (axis === 'time') return formatDuration(value);
    return axis === 'epoch' ? value.toFixed(2) : Math.round(value).toLocaleString('en');
  };
  const rows = axes.map(({ axis, budget, runs }) => [
    axis,
    onAxis(axis, budget),
    ...runs
      .slice(0, NAMED)
      .map(({ id, best }) => (best === null ? '-' : `trial ${id}: ${formatNumber(best)}`)),
  ]);
  const order = ['best', '2.', '3.'].slice(0, Math.min(NAMED, axes[0]!.runs.length));
  const direction = goal === 'minimize' ? 'lower' : 'higher';
  return [
    `best ${name} with the same budget, the most that all finished trials have (${direction} is better):\n${formatTable(['by', 'budget', ...order], rows)}`,
  ];
}

function formatNoise({ noise, summary }: AnalysedSweep): string[] {
  if (noise === null) return [];
  const { name } = summary.sweep.definition.metric;
  const rows = noise.settings.map(({ id, n, mean, deviation, beatsBest }) => [
    `trial ${id}`,
    `${n}`,
    formatNumber(mean),
    deviation === null ? '-' : formatNumber(deviation),
    beatsBest === null ? '-' : `${(100 * beatsBest).toFixed(0)}%`,
  ]);
  return [
    `noise of the seed, ${name} of settings that were trained several times:\n${formatTable(
      ['settings of', 'seeds', 'mean', 'deviation', 'beats the best'],
      rows,
    )}\n${noise.says}`,
  ];
}

function formatNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(5)));
}
