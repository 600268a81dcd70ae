// veracity runs show: one run, its evaluations and where its files lie.
import { existsSync } from 'node:fs';
import { appError, formatDuration, formatMegabytes } from '../../foundation/core/index.ts';
import type { EvaluationReport, RunEvent } from '../../foundation/records/index.ts';
import { createRunStore, type RunPaths, type RunSummary } from '../../keeping/runs/index.ts';
import { repeatsOnResume } from '../../workflows/train/index.ts';
import type { Command } from './command.ts';
import { formatTable } from './table.ts';

export const runsShow: Command = {
  name: 'runs show',
  summary: 'show one run: status, evaluations, files',
  argumentsUsage: '<run>',
  options: [],
  examples: ['veracity runs show run-20260101-000000-abcd'],
  run: async ({ args }, { home, clock }) => {
    const [id, ...rest] = args;
    if (id === undefined || rest.length > 0) {
      const problem = `expected one run id, got ${args.length}`;
      throw appError('USAGE', { where: 'runs show', problem, hint: 'List the ids with: veracity runs list' });
    }
    const store = createRunStore(home, clock);
    const summary = store.summarize(id);
    const paths = store.paths(id);
    const events = store.loadEvents(id);
    const evaluations = store
      .loadEvaluations(id)
      .map(({ collection, n, metrics }) => ({ collection, n, metrics }));
    const text = format(summary, paths, events, evaluations);
    return { json: { ...summary, run: store.load(id), paths, events, evaluations }, text };
  },
};

type Figures = Pick<EvaluationReport, 'collection' | 'n' | 'metrics'>;

function format(
  summary: RunSummary,
  paths: RunPaths,
  events: readonly RunEvent[],
  evaluations: readonly Figures[],
): string {
  const facts: [string, string][] = [
    ['run', summary.id],
    ['status', describeStatus(summary, events)],
    ['created', summary.createdAt],
    ['model', summary.model],
    ['dataset', summary.datasetVersion],
    ['steps', `${summary.steps}`],
    ...(summary.seconds === null ? [] : [['time', formatDuration(summary.seconds)] as [string, string]]),
    ...(summary.peakMemoryBytes === null
      ? []
      : [['peak memory', formatMegabytes(summary.peakMemoryBytes)] as [string, string]]),
    ['model version', summary.modelVersion ?? 'not registered'],
    ['folder', paths.folder],
  ];
  if (existsSync(paths.model)) facts.push(['model folder', paths.model]);
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
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
  if (rows.length > 0) {
    lines.push(
      '',
      'on validation:',
      formatTable(['step', 'epoch', 'loss', 'calibrated', 'accuracy', 'macro F1', 'ECE', ''], rows),
    );
  }
  if (evaluations.length > 0) {
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
    lines.push('', 'the best step, as served:', formatTable(headers, figures));
  }
  return lines.join('\n');
}

function describeStatus({ status, id }: RunSummary, events: readonly RunEvent[]): string {
  const last = events.at(-1);
  const resume = `go on with: veracity train resume=${id}`;
  if (status === 'failed' && last?.type === 'failed')
    return `failed (${last.code}: ${last.message})${repeatsOnResume(last.code) ? '' : `; ${resume}`}`;
  return status === 'stopped' || status === 'interrupted' ? `${status}; ${resume}` : status;
}
