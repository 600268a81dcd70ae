// One model measured on the articles of a request. Reports on a registered version are kept with it, and earlier
// reports are returned beside the new ones, so that own and other sources are always seen together.
import { chooseDevice } from '../../engine/runtime/device/index.ts';
import { isAppError } from '../../foundation/core/index.ts';
import type { EvaluationReport } from '../../foundation/records/index.ts';
import type { Classifier } from '../../judging/predict/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { type UsedModel, withModel } from '../locate-model/index.ts';
import { checkLabels, surveyCollections } from './collection-checks.ts';
import { chooseArticles, readArticles } from './evaluation-articles.ts';
import type { EvaluationRequest } from './evaluation-request.ts';
import { resolveSettings } from './evaluation-settings.ts';
import { Evaluator, indexTraining, saySkipped } from './evaluator.ts';

export interface ModelEvaluation {
  /** NAME@VERSION, or the run id of an unregistered model. */
  readonly modelVersion: string;
  /** Report on the requested articles. */
  readonly requested: EvaluationReport;
  /** All reports on this model: earlier and new, own source first. */
  readonly reports: readonly EvaluationReport[];
}

/**
 * Measures a model on the requested articles and on each of `evaluate.collections`.
 * @throws DEVICE_UNAVAILABLE, DATASET_NOT_FOUND, and what locating and loading a model, preparing and reading data
 *   throw; the signal's reason when it is aborted
 */
export async function evaluateModel(
  request: EvaluationRequest,
  context: WorkflowContext,
): Promise<ModelEvaluation> {
  const { device } = await chooseDevice(request.config.device);
  const { threads } = request.config;
  // Inline: this thread has nothing else to do between two batches.
  return withModel(request.model, { threads, device, inline: true }, context, async (model) => {
    const reports = await measure(request, model.classifier, context);
    if (model.modelVersion !== undefined) await keepReports(model.modelVersion, reports, context);
    return {
      modelVersion: model.classifier.modelVersion,
      requested: reports[0],
      reports: mergeReports(await loadEarlier(model, context), reports),
    };
  });
}

/** @returns the report on the requested articles first, then one per collection */
async function measure(
  request: EvaluationRequest,
  classifier: Classifier,
  context: WorkflowContext,
): Promise<[EvaluationReport, ...EvaluationReport[]]> {
  const { info } = classifier;
  const settings = await resolveSettings(request, info, context);
  checkLabels(await surveyCollections(settings.evaluate, context), info.classNames, context);
  const chosen = await chooseArticles(request, settings, info, context);
  const isOwnTest = chosen.testSet === `${info.datasetVersion}/test`;
  const needsIndex = !isOwnTest || settings.evaluate.collections.length > 0;
  const wasInTraining = needsIndex ? await indexTraining(info.datasetVersion, context) : null;
  const evaluator = new Evaluator(classifier, settings, context);

  const skipped: Record<string, number> = {};
  const articles = readArticles(context.stores.datasets, chosen, info.classNames, skipped);
  const { collection, testSet, outOfSource, total, manifest } = chosen;
  const requested = await evaluator.evaluateArticles(articles, {
    collection,
    testSet,
    outOfSource,
    total,
    synthetic: manifest.synthetic,
    parents: [classifier.modelVersion, manifest.id],
    // A group of near-duplicates never lies in two splits, so no test article was trained on.
    wasInTraining: isOwnTest ? () => false : wasInTraining,
  });
  saySkipped(collection, skipped, context);
  return [
    requested,
    ...(await evaluator.evaluateCollections({ parents: [classifier.modelVersion], wasInTraining })),
  ];
}

async function keepReports(
  reference: string,
  reports: readonly EvaluationReport[],
  { stores, say }: WorkflowContext,
): Promise<void> {
  for (const report of reports) await stores.registry.addEvaluation(reference, report);
  say(`saved with ${reference}: ${reports.map((report) => report.collection).join(', ')}`);
}

/** Reports kept with the version, else those of the run that trained it. */
async function loadEarlier(
  { evaluations, classifier }: UsedModel,
  { stores }: WorkflowContext,
): Promise<readonly EvaluationReport[]> {
  if (evaluations.length > 0) return evaluations;
  try {
    return await stores.runs.loadEvaluations(classifier.info.runId);
  } catch (error) {
    if (isAppError(error) && error.code === 'RUN_NOT_FOUND') return [];
    throw error;
  }
}

/** New reports replace earlier ones on the same articles. */
function mergeReports(
  earlier: readonly EvaluationReport[],
  fresh: readonly EvaluationReport[],
): EvaluationReport[] {
  const byTestSet = new Map([...earlier, ...fresh].map((report) => [report.testSet, report]));
  return [...byTestSet.values()].sort((a, b) => Number(a.outOfSource) - Number(b.outOfSource));
}
