// veracity runs compare: what differs between runs, their metrics, and which was best with the same budget.
import { appError, formatDuration } from '../../foundation/core/index.ts';
import { type ComparedRow, compareRuns, type RunComparison } from '../../workflows/runs/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

const MAX_CELL = 40;

export const runsCompareCommand: Command = {
  name: 'runs compare',
  summary: 'compare runs: settings that differ, metrics, and the best by step, epoch, time and articles',
  argumentsUsage: '<run> <run...>',
  options: [{ flags: '--metric <name>', description: 'metric of the ranking (default: val_loss)' }],
  examples: [
    'veracity runs compare run-20260101-000000-abcd run-20260102-000000-efgh',
    'veracity runs compare run-20260101-000000-abcd run-20260102-000000-efgh --metric val_macro_f1',
  ],
  run: async ({ args, options }, context) => {
    const ids = [...new Set(args)];
    if (ids.length < 2)
      throw appError('USAGE', {
        where: 'runs compare',
        problem: `expected two or more run ids, got ${ids.length}`,
        hint: 'List the ids with: veracity runs list',
      });
    const metric = typeof options.metric === 'string' ? options.metric : 'val_loss';
    const comparison = await compareRuns({ ids, metric }, context);
    return { json: comparison, text: formatComparison(comparison) };
  },
};

function formatComparison(comparison: RunComparison): string {
  const { runs, configuration, equalKeys, circumstances, metrics } = comparison;
  const names = runs.map((_, i) => nameOf(i));
  const rows = (list: readonly ComparedRow[]): string =>
    formatTable(
      ['', ...names],
      list.map(({ name, values }) => [name, ...values.map(formatCell)]),
    );
  const legend = formatTable(
    ['', 'run', 'status', 'model', 'steps', 'tags'],
    runs.map((run, i) => [names[i]!, run.id, run.status, run.model, `${run.steps}`, run.tags.join(' ')]),
  );
  const sections = [legend];
  sections.push(
    configuration.length === 0
      ? `configuration: all ${equalKeys} keys are equal`
      : `configuration (${equalKeys} keys are equal):\n${rows(configuration)}`,
  );
  if (circumstances.length > 0) sections.push(`what else differs:\n${rows(circumstances)}`);
  if (metrics.length > 0) sections.push(`metrics (validation at the best step):\n${rows(metrics)}`);
  sections.push(formatRanking(comparison));
  return sections.join('\n\n');
}

/** A, B, … Z, then R27, R28. */
function nameOf(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `R${index + 1}`;
}

function formatRanking({ runs, ranking: { metric, goal, axes } }: RunComparison): string {
  const places = new Map(runs.map(({ id }, i) => [id, nameOf(i)]));
  const rows = axes.map(({ axis, budget, runs: ranked }) => [
    axis,
    formatOnAxis(axis, budget),
    ...ranked.map(({ id, best, at }) => {
      const value = best === null ? '-' : `${formatNumber(best)} at ${formatOnAxis(axis, at!)}`;
      return `${places.get(id)}: ${value}`;
    }),
  ]);
  const count = axes[0]?.runs.length ?? 0;
  const order = Array.from({ length: count }, (_, i) => (i === 0 ? 'best' : `${i + 1}.`));
  const direction = goal === 'minimize' ? 'lower' : 'higher';
  const title = `best ${metric} with the same budget, the most that all runs have (${direction} is better):`;
  return `${title}\n${formatTable(['by', 'budget', ...order], rows)}`;
}

function formatOnAxis(axis: string, value: number): string {
  if (axis === 'time') return formatDuration(value);
  return axis === 'epoch' ? value.toFixed(2) : Math.round(value).toLocaleString('en');
}

function formatCell(value: ComparedRow['values'][number]): string {
  if (value === null) return '-';
  if (typeof value === 'number') return formatNumber(value);
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}

function formatNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}
