// veracity runs export: send a run to an experiment tracker, or what the tracker does not have of it yet.
import { appError } from '../../foundation/core/index.ts';
import { isServerAddress } from '../../foundation/records/index.ts';
import {
  type ExportedRunResult,
  exportRun,
  type RunExportRequest,
} from '../../workflows/export-run/index.ts';
import { POINT_FORMATS } from '../../workflows/runs/index.ts';
import type { Command, CommandInput } from './command.ts';
import { exportPoints, findPointFormat } from './points-export.ts';

const TARGETS = ['mlflow', 'tensorboard', 'wandb'] as const;

export const runsExportCommand: Command = {
  name: 'runs export',
  summary:
    'send a run to MLflow, TensorBoard or Weights & Biases, or write the points of runs as CSV or JSON Lines',
  argumentsUsage: '[run...]',
  options: [
    {
      flags: '--to <target>',
      description: 'mlflow, tensorboard, wandb, csv or jsonl',
      values: [...TARGETS, ...POINT_FORMATS],
    },
    { flags: '--url <address>', description: 'MLflow server (default: MLFLOW_TRACKING_URI)' },
    {
      flags: '--out <folder>',
      description: 'folder for TensorBoard or Weights & Biases; file for csv and jsonl (default: printed)',
    },
    { flags: '--where <filter>', description: 'csv, jsonl: the runs for which this holds' },
    { flags: '--metric <name>', description: 'csv, jsonl: only this metric', repeatable: true },
    { flags: '--hidden', description: 'csv, jsonl: also points that a resume has hidden' },
    { flags: '--experiment <name>', description: 'experiment of MLflow, or project of Weights & Biases' },
  ],
  examples: [
    'veracity runs export run-20260101-000000-abcd --to tensorboard --out tensorboard',
    'veracity runs export run-20260101-000000-abcd --to mlflow --url http://127.0.0.1:5000',
    'veracity runs export --where tag=baseline --metric val_loss --to csv --out points.csv',
  ],
  run: async (input, context) => {
    const format = findPointFormat(input);
    if (format !== undefined) return exportPoints(input, format, context);
    const exported = await exportRun(parseRequest(input), context);
    return { json: exported, text: formatExport(exported) };
  },
};

function parseRequest({ args, options }: CommandInput): RunExportRequest {
  const [runId, ...rest] = args;
  const refuse = (problem: string, hint: string): Error =>
    appError('USAGE', { where: 'runs export', problem, hint });
  if (runId === undefined || rest.length > 0)
    throw refuse(`expected one run id, got ${args.length}`, 'List the ids with: veracity runs list');
  const to = TARGETS.find((target) => target === options.to);
  if (to === undefined)
    throw refuse(
      `expected --to with ${[...TARGETS, ...POINT_FORMATS].join(', ')}, got ${options.to === undefined ? 'none' : String(options.to)}`,
      `For example: veracity runs export ${runId} --to tensorboard`,
    );
  const { url, out, experiment } = options;
  if (url !== undefined && to !== 'mlflow')
    throw refuse(`--url is for mlflow, got it with ${to}`, 'Name a folder with --out.');
  if (typeof url === 'string' && !isServerAddress(url))
    throw refuse(
      '--url: expected an http or https address without a user name or password',
      'Credentials belong into MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
    );
  if (out !== undefined && to === 'mlflow')
    throw refuse('--out is for tensorboard and wandb, got it with mlflow', 'Name a server with --url.');
  for (const name of ['where', 'metric', 'hidden']) {
    const value = options[name];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      throw refuse(`--${name} is for csv and jsonl, got it with ${to}`, 'Leave it out.');
  }
  if (experiment !== undefined && to === 'tensorboard')
    throw refuse('--experiment is for mlflow and wandb, got it with tensorboard', 'Leave it out.');
  return {
    runId,
    to,
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof out === 'string' ? { out } : {}),
    ...(typeof experiment === 'string' ? { group: experiment } : {}),
  };
}

function formatExport({
  runId,
  place,
  status,
  points,
  texts,
  histograms,
  artifacts,
  replaced,
}: ExportedRunResult): string {
  const sent = [
    [points, 'points'],
    [texts, 'texts'],
    [histograms, 'histograms'],
    [artifacts, 'artifacts'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count?.toLocaleString('en')} ${what}`]));
  const what = sent.length === 0 ? 'nothing was missing' : `sent ${sent.join(', ')}`;
  return [
    `${runId} (${status}) is in ${place}: ${what}`,
    ...(replaced
      ? ['The copy there was made anew: it was deleted, or a resume has taken back points that it held.']
      : []),
    ...(status === 'running'
      ? ['The run goes on: points after its newest checkpoint come with a later export.']
      : []),
  ].join('\n');
}
