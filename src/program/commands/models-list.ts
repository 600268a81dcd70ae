// veracity models list: every registered version with its stage and its accuracy on its own and on other sources.
import type { EvaluationReport } from '../../foundation/records/index.ts';
import { type ListedModels, listModels } from '../../workflows/models/index.ts';
import type { Command } from './command.ts';
import { formatServed } from './models-promote.ts';
import { formatTable } from './table.ts';

type Model = ListedModels['models'][number];
type DamagedModel = ListedModels['damaged'][number];
type DamagedLog = ListedModels['damagedLogs'][number];

export const modelsListCommand: Command = {
  name: 'models list',
  summary: 'list the registered model versions, their stages and figures',
  argumentsUsage: '',
  options: [],
  examples: ['veracity models list', 'veracity models list --json'],
  run: async (_input, context) => {
    const { models, damaged, damagedLogs, served, undecided } = await listModels(context);
    const none = models.length + damaged.length === 0;
    return {
      json: [
        ...models.map((model) => ({
          ...buildModelDocument(model),
          served: model.reference === served?.reference,
          ...buildLogDocument(damagedLogs.find(({ name }) => name === model.name)),
        })),
        ...damaged.map(buildDamagedDocument),
      ],
      text: none
        ? `no models in ${context.home.models}; create one with: veracity train`
        : [
            formatModels(models, damaged, damagedLogs),
            ...damagedLogs.map(formatDamagedLog),
            ...formatUsed(served, undecided),
          ].join('\n\n'),
    };
  },
};

function formatUsed(served: ListedModels['served'], undecided: readonly string[]): string[] {
  if (served !== null) return [formatServed(served)];
  if (undecided.length === 0) return [];
  const [first] = undecided;
  return [
    `${undecided.join(' and ')} are in production, so serve, predict and loadClassifier need a name; choose the default with: veracity models promote ${first} --default`,
  ];
}

/** What --json prints of a version: everything except the reports' curves and bins. */
export function buildModelDocument(model: Model) {
  const { name, version, reference, stages, location, record, info, evaluations } = model;
  return {
    name,
    version,
    reference,
    stages,
    folder: location,
    createdAt: record.createdAt,
    digest: record.digest,
    model: info.model,
    runId: info.runId,
    datasetVersion: info.datasetVersion,
    synthetic: info.synthetic,
    evaluations: evaluations.map(
      ({ collection, testSet, outOfSource, synthetic, n, seenInTraining, metrics, intervals }) => ({
        collection,
        testSet,
        outOfSource,
        synthetic,
        n,
        seenInTraining,
        metrics,
        intervals,
      }),
    ),
  };
}

function buildDamagedDocument({ name, version, reference, stages, error }: DamagedModel) {
  return { name, version, reference, stages, damaged: { code: error.code, message: error.message } };
}

/** Where the log of stages cannot be read, `stages` is empty because the stages are not known. */
function buildLogDocument(log: DamagedLog | undefined) {
  return log === undefined ? {} : { damagedLog: { code: log.error.code, message: log.error.message } };
}

function formatDamagedLog({ name, error }: DamagedLog): string {
  return `The stages of ${name} are not known: ${error.message}. ${error.hint}`;
}

function formatModels(
  models: readonly Model[],
  damaged: readonly DamagedModel[],
  damagedLogs: readonly DamagedLog[],
): string {
  const formatStages = (name: string, stages: readonly string[]): string =>
    damagedLogs.some((log) => log.name === name) ? 'not known' : stages.join(', ') || '-';
  const accuracy = (report: EvaluationReport | undefined): string =>
    report === undefined ? 'not measured' : report.metrics.accuracy.toFixed(3);
  const rows = models.map(({ name, reference, stages, record, info, evaluations }) => [
    reference,
    formatStages(name, stages),
    `${info.datasetName}${info.synthetic ? ' (synthetic)' : ''}`,
    accuracy(evaluations.find((report) => !report.outOfSource)),
    accuracy(evaluations.find((report) => report.outOfSource)),
    info.runId,
    record.createdAt.slice(0, 16).replace('T', ' '),
  ]);
  const headers = [
    'model',
    'stage',
    'trained on',
    'accuracy, own source',
    'another source',
    'run',
    'registered',
  ];
  const broken = damaged.map(({ name, reference, stages, error }) => [
    reference,
    formatStages(name, stages),
    error.code === 'RECORD_VERSION'
      ? `of another version of Veracity: models show ${reference}`
      : `damaged (${error.code}): models show ${reference}`,
  ]);
  return formatTable(headers, [...rows, ...broken]);
}
