// veracity evaluate: a run's or a registered model's figures on its own test split, on other data, or both. What was
// measured before is shown beside it, so that own and other sources are always seen together.
import { resolve } from 'node:path';
import { chooseDevice } from '../../engine/runtime/device/index.ts';
import { isAppError, writeFileAtomic } from '../../foundation/core/index.ts';
import type { EvaluationReport, ModelFolder } from '../../foundation/records/index.ts';
import { formatEvaluationHtml, formatEvaluationText } from '../../judging/evaluate/index.ts';
import type { Classifier } from '../../judging/predict/index.ts';
import { loadClassifier } from '../../judging/predict/index.ts';
import { createRegistry } from '../../keeping/registry/index.ts';
import { createRunStore } from '../../keeping/runs/index.ts';
import { loadTrainConfig, type TrainConfig, trainConfigSchema } from '../../workflows/configuration/index.ts';
import type { WorkflowContext } from '../../workflows/context/index.ts';
import type { EvaluationRequest } from '../../workflows/evaluate/index.ts';
import {
  chooseArticles,
  createEvaluator,
  indexTraining,
  readArticles,
  saySkipped,
} from '../../workflows/evaluate/index.ts';
import { locateModel } from '../../workflows/locate-model/index.ts';
import type { Command } from './command.ts';
import { parseEvaluationRequest } from './evaluation-request.ts';

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'measure a model on its test split or on other articles',
  argumentsUsage: '[run=ID|model=NAME@VERSION] [dataset=ID] [split=test|all] [overrides...]',
  options: [{ flags: '--html <file>', description: 'also write one self-contained page with the plots' }],
  examples: [
    'veracity evaluate model=compact@1',
    'veracity evaluate run=run-20260101-000000-abcd --html evaluation.html',
    'veracity evaluate model=compact data=csv data.path=other.csv data.columns.title=headline',
    'veracity evaluate model=compact@2 dataset=ds-0123456789ab',
  ],
  run: async (input, context) => {
    const request = parseEvaluationRequest(input);
    const model = await locateModel(request.model, context);
    const { threads, device: asked } = loadTrainConfig(request.overrides, context).config;
    const { device } = await chooseDevice(asked);
    const classifier = await loadClassifier(model.folder, {
      threads,
      device,
      inline: true, // nothing else needs this thread between two batches
      ...(model.modelVersion === undefined ? {} : { modelVersion: model.modelVersion }),
    });
    try {
      const [first, ...others] = await measure(request, classifier, context);
      if (model.modelVersion !== undefined) keep(model.modelVersion, [first, ...others], context);
      const reports = mergeReports(listEarlier(model, classifier.info, context), [first, ...others]);
      const subject = { model: classifier.modelVersion, reports };
      if (request.html !== null) writePage(request.html, formatEvaluationHtml(subject), context);
      return {
        json: {
          n: first.n,
          test: first.metrics,
          model: classifier.modelVersion,
          collection: first.collection,
          outOfSource: first.outOfSource,
          seenInTraining: first.seenInTraining,
          reports,
        },
        text: formatEvaluationText(subject),
      };
    } finally {
      await classifier.dispose();
    }
  },
};

/** The asked-for articles first, then each of `evaluate.collections`. */
async function measure(
  request: EvaluationRequest,
  classifier: Classifier,
  context: WorkflowContext,
): Promise<[EvaluationReport, ...EvaluationReport[]]> {
  const { info } = classifier;
  const settings = resolveSettings(request, info, context);
  const chosen = await chooseArticles(request, settings, info, context);
  const own = chosen.testSet === `${info.datasetVersion}/test`;
  const wasInTraining =
    own && settings.evaluate.collections.length === 0
      ? null
      : await indexTraining(info.datasetVersion, context);
  const { evaluateCollection, evaluateOthers } = createEvaluator(classifier, settings, context);

  const skipped: Record<string, number> = {};
  const articles = readArticles(context.home, chosen, info.classNames, skipped);
  const { collection, testSet, outOfSource, total, manifest } = chosen;
  const first = await evaluateCollection(articles, {
    collection,
    testSet,
    outOfSource,
    total,
    synthetic: manifest.synthetic,
    parents: [classifier.modelVersion, manifest.id],
    // Its own test split shares no near-duplicate group with what it was trained on.
    wasInTraining: own ? () => false : wasInTraining,
  });
  saySkipped(collection, skipped, context);
  return [first, ...(await evaluateOthers({ parents: [classifier.modelVersion], wasInTraining }))];
}

interface Settings {
  readonly seed: number;
  readonly evaluate: TrainConfig['evaluate'];
  readonly data: TrainConfig['data'] | null;
  readonly trainedWith: TrainConfig | null;
}

/** What the run was trained with, with the overrides on top. */
function resolveSettings(request: EvaluationRequest, info: ModelFolder, context: WorkflowContext): Settings {
  const { config } = loadTrainConfig(request.overrides, { workingDirectory: context.workingDirectory });
  const trainedWith = loadTrainedWith(info.runId, context);
  const touches = (group: string): boolean => request.overridden.some((path) => path.split('.')[0] === group);
  const base = trainedWith ?? config;
  const data = request.overridden.includes('data')
    ? config.data
    : request.overridden
        .filter((path) => path.startsWith('data.'))
        .reduce((merged, path) => copyPath(path.split('.').slice(1), config.data, merged), base.data);
  const evaluate = request.overridden.includes('evaluate')
    ? config.evaluate
    : request.overridden
        .filter((path) => path.startsWith('evaluate.'))
        .reduce((merged, path) => copyPath(path.split('.').slice(1), config.evaluate, merged), base.evaluate);
  const asksForCollections = request.overridden.some(
    (path) => path === 'evaluate' || path.startsWith('evaluate.collections'),
  );
  // Asked for other articles: the collections of the training were measured then. And where the training is not in
  // this home, the defaults' collections are not this model's.
  const leaveOut = touches('data') || request.dataset !== null || trainedWith === null;
  return {
    seed: touches('seed') ? config.seed : base.seed,
    evaluate: leaveOut && !asksForCollections ? { ...evaluate, collections: [] } : evaluate,
    data: touches('data') ? data : null,
    trainedWith,
  };
}

function loadTrainedWith(runId: string, { home, clock }: WorkflowContext): TrainConfig | null {
  try {
    return trainConfigSchema.safeParse(createRunStore(home, clock).load(runId).config).data ?? null;
  } catch (error) {
    if (isAppError(error) && error.code === 'RUN_NOT_FOUND') return null;
    throw error;
  }
}

/** `to` with the value that `from` has at `path`. */
function copyPath<T>(path: readonly string[], from: T, to: T): T {
  const [key, ...rest] = path;
  if (key === undefined || !isRecord(from) || !isRecord(to)) return from;
  return { ...to, [key]: copyPath(rest, from[key], to[key]) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keep(
  reference: string,
  reports: readonly EvaluationReport[],
  { home, clock, say }: WorkflowContext,
): void {
  const registry = createRegistry(home, clock);
  for (const report of reports) registry.addEvaluation(reference, report);
  say(`kept with ${reference}: ${reports.map((report) => report.collection).join(', ')}`);
}

function listEarlier(
  { evaluations }: { evaluations: readonly EvaluationReport[] },
  info: ModelFolder,
  { home, clock }: WorkflowContext,
): readonly EvaluationReport[] {
  if (evaluations.length > 0) return evaluations;
  try {
    return createRunStore(home, clock).loadEvaluations(info.runId);
  } catch (error) {
    if (isAppError(error) && error.code === 'RUN_NOT_FOUND') return [];
    throw error;
  }
}

/** Fresh reports in the place of earlier ones on the same articles. */
function mergeReports(
  earlier: readonly EvaluationReport[],
  fresh: readonly EvaluationReport[],
): EvaluationReport[] {
  const byTestSet = new Map([...earlier, ...fresh].map((report) => [report.testSet, report]));
  return [...byTestSet.values()].sort((a, b) => Number(a.outOfSource) - Number(b.outOfSource));
}

function writePage(file: string, html: string, { workingDirectory, say }: WorkflowContext): void {
  const path = resolve(workingDirectory, file);
  writeFileAtomic(path, html);
  say(`wrote ${path}`);
}
