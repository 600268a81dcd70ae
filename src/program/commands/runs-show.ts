// veracity runs show: one run with its evaluations and the places of its files.
import { appError, formatDuration, formatMegabytes } from '../../foundation/core/index.ts';
import { repeatsOnResume, type ShownRun, showRun } from '../../workflows/runs/index.ts';
import type { Command } from './command.ts';
import { formatSize } from './removal-output.ts';
import { formatTable } from './table.ts';

/** The kind of digest and its first 12 characters. */
const SHOWN_DIGEST = 'sha256:'.length + 12;

export const runsShowCommand: Command = {
  name: 'runs show',
  summary: 'show one run: status, evaluations, files',
  argumentsUsage: '<run>',
  options: [],
  examples: ['veracity runs show run-20260101-000000-abcd'],
  run: async ({ args }, context) => {
    const [id, ...rest] = args;
    if (id === undefined || rest.length > 0) {
      const problem = `expected one run id, got ${args.length}`;
      throw appError('USAGE', { where: 'runs show', problem, hint: 'List the ids with: veracity runs list' });
    }
    const shown = await showRun(id, context);
    const { summary, run, paths, events, metrics, artifacts, exports } = shown;
    const evaluations = shown.evaluations.map(({ collection, n, metrics }) => ({ collection, n, metrics }));
    return {
      json: { ...summary, run, paths, events, evaluations, metricSummaries: metrics, artifacts, exports },
      text: formatRun(shown),
    };
  },
};

function formatRun(shown: ShownRun): string {
  const sections = [formatFacts(shown)];
  if (shown.metrics.length > 0) sections.push(`metrics:\n${formatMetrics(shown)}`);
  const validation = formatValidation(shown);
  if (validation !== null) sections.push(`on validation:\n${validation}`);
  const evaluations = formatEvaluations(shown);
  if (evaluations !== null) sections.push(`the best step, as served:\n${evaluations}`);
  if (shown.artifacts.length > 0) sections.push(`artifacts:\n${formatArtifacts(shown)}`);
  return sections.join('\n\n');
}

function formatFacts({ summary, paths, events, hasModel, exports }: ShownRun): string {
  const facts: [string, string][] = [
    ['run', summary.id],
    ['status', formatStatus(summary, events)],
    ['created', summary.createdAt],
    ['model', summary.model],
    ['dataset', summary.datasetVersion],
    ['steps', `${summary.steps}`],
    ...(summary.seconds === null ? [] : [['time', formatDuration(summary.seconds)] as [string, string]]),
    ...(summary.peakMemoryBytes === null
      ? []
      : [['peak memory', formatMegabytes(summary.peakMemoryBytes)] as [string, string]]),
    ['model version', summary.modelVersion ?? 'not registered'],
    ...(summary.tags.length === 0 ? [] : [['tags', summary.tags.join(' ')] as [string, string]]),
    ...(summary.note === null ? [] : [['note', summary.note] as [string, string]]),
    ['folder', paths.folder ?? ''],
  ];
  if (hasModel) facts.push(['model folder', paths.model ?? '']);
  for (const exported of exports) facts.push(['exported to', formatExport(summary.id, exported)]);
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Points that a resume has hidden do not count. */
function formatMetrics({ metrics }: ShownRun): string {
  const rows = metrics.map(({ name, count, last, min, minStep, max, maxStep }) => [
    name,
    `${count}`,
    formatValue(last),
    `${formatValue(min)} at ${minStep}`,
    `${formatValue(max)} at ${maxStep}`,
  ]);
  return formatTable(['metric', 'points', 'last', 'lowest (at step)', 'highest (at step)'], rows);
}

function formatArtifacts({ artifacts }: ShownRun): string {
  const rows = artifacts.map(({ name, kind, sizeBytes, digest, path }) => [
    name,
    kind,
    formatSize(sizeBytes),
    digest.slice(0, SHOWN_DIGEST),
    path,
  ]);
  return formatTable(['name', 'kind', 'size', 'digest', 'file'], rows);
}

function formatValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** Where to, how far, and what is to be done if it failed. */
function formatExport(
  runId: string,
  { to, place, status, step, failure }: ShownRun['exports'][number],
): string {
  const reach = status === null ? 'nothing sent' : status === 'running' ? `up to step ${step}` : status;
  if (failure === null) return `${place}: ${reach}`;
  return `${place}: ${reach}; failed (${failure.code}: ${failure.message}); send the rest with: veracity runs export ${runId} --to ${to}`;
}

/** The evaluations during training; null before the first. */
function formatValidation({ events }: ShownRun): string | null {
  const rows = events.flatMap((event) =>
    event.type !== 'eval'
      ? []
      : [
          [
            `${event.step}`,
            event.epoch.toFixed(2),
            event.metrics.loss.toFixed(4),
            event.calibratedLoss.toFixed(4),
            event.metrics.accuracy.toFixed(4),
            event.metrics.macroF1.toFixed(4),
            event.metrics.ece.toFixed(4),
            event.best ? 'best' : '',
          ],
        ],
  );
  if (rows.length === 0) return null;
  return formatTable(['step', 'epoch', 'loss', 'calibrated', 'accuracy', 'macro F1', 'ECE', ''], rows);
}

/** The reports on the exported model; null before there are any. */
function formatEvaluations({ evaluations }: ShownRun): string | null {
  if (evaluations.length === 0) return null;
  const headers = ['collection', 'articles', 'accuracy', 'macro F1', 'ROC-AUC', 'ECE', 'loss'];
  const figures = evaluations.map(({ collection, n, metrics }) => [
    collection,
    `${n}`,
    metrics.accuracy.toFixed(4),
    metrics.macroF1.toFixed(4),
    metrics.rocAuc?.toFixed(4) ?? '-',
    metrics.ece.toFixed(4),
    metrics.loss.toFixed(4),
  ]);
  return formatTable(headers, figures);
}

function formatStatus({ status, id }: ShownRun['summary'], events: ShownRun['events']): string {
  const last = events.at(-1);
  const resume = `resume with: veracity train resume=${id}`;
  if (status === 'failed' && last?.type === 'failed')
    return `failed (${last.code}: ${last.message})${repeatsOnResume(last.code) ? '' : `; ${resume}`}`;
  return status === 'stopped' || status === 'interrupted' ? `${status}; ${resume}` : status;
}
