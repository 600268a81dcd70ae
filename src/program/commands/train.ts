// veracity train: trains a model from raw articles, evaluates and registers it.

import { EXIT_STOPPED, formatDuration } from '../../foundation/core/index.ts';
import type { Metrics } from '../../foundation/records/index.ts';
import {
  type FinishedTraining,
  loadTrainingRequest,
  runTraining,
  type TrainingOutcome,
} from '../../workflows/train/index.ts';
import type { Command, CommandResult } from './command.ts';
import { runMultirun, sweepFlags } from './sweep.ts';
import { formatTable } from './table.ts';

export const trainCommand: Command = {
  name: 'train',
  summary: 'train, evaluate and register a model',
  argumentsUsage: '[overrides...]',
  options: sweepFlags.map((flag) => ({ ...flag, description: `with --multirun: ${flag.description}` })),
  examples: [
    'veracity train',
    'veracity train model=linear data=isot data.path=FOLDER',
    'veracity train model=compact train.epochs=3 optimizer.lr=5e-4',
    'veracity train --multirun model=linear,compact seed=1,2,3',
    'veracity train resume=run-20260101-000000-abcd',
    'veracity train resume=run-20260101-000000-abcd register=complaints',
  ],
  multirun: runMultirun,
  run: async ({ args }, context) => {
    return formatOutcome(await runTraining(loadTrainingRequest(args, context), context));
  },
};

function formatOutcome(outcome: TrainingOutcome): CommandResult {
  if (outcome.status === 'finished') return { json: outcome.result, text: formatFinished(outcome) };
  const { runId, steps, resume } = outcome;
  const text = `${runId} stopped at step ${steps}; resume with: ${resume}`;
  return { json: outcome, text, exitCode: EXIT_STOPPED };
}

/** Figures on validation, on the test split and on other collections, side by side. */
function formatFinished({ result, evaluations }: FinishedTraining): string {
  const row = (name: string, metrics: Metrics): string[] => [
    name,
    metrics.accuracy.toFixed(4),
    metrics.macroF1.toFixed(4),
    metrics.rocAuc?.toFixed(4) ?? '-',
    metrics.brier.toFixed(4),
    metrics.ece.toFixed(4),
    metrics.loss.toFixed(4),
  ];
  return [
    `run      ${result.runId} (${result.steps} steps, ${formatDuration(result.seconds)})`,
    `dataset  ${result.datasetVersion}`,
    `model    ${result.modelVersion}`,
    `folder   ${result.path}`,
    '',
    formatTable(
      ['', 'accuracy', 'macro F1', 'ROC-AUC', 'Brier', 'ECE', 'loss'],
      [
        row('validation', result.validation),
        ...evaluations.map((report) => row(report.collection, report.metrics)),
      ],
    ),
  ].join('\n');
}
