// Makes a smaller model from a trained one, top to bottom: heads to prune, files, agreement with the original on validation
// articles, calibration, evaluation on its own test split, and registration if asked for.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { appError, createFolderAtomic, createTemporaryName } from '../../foundation/core/index.ts';
import { fitCalibration } from '../../foundation/metrics/index.ts';
import type { DatasetManifest, EvaluationReport } from '../../foundation/records/index.ts';
import {
  copyKeptExamples,
  loadRecord,
  type ModelFolder,
  modelFolderRecord,
  type Precision,
  saveRecord,
} from '../../foundation/records/index.ts';
import type { LabelledArticle } from '../../judging/evaluate/index.ts';

import type { DetailedClassifier } from '../../judging/predict/index.ts';
import { loadClassifier, saveReferencePredictions } from '../../judging/predict/index.ts';
import { isModelName } from '../../keeping/registry/index.ts';
import {
  assertAgreement,
  assertCompressible,
  chooseHeads,
  compareLogits,
  compressFolder,
  loadPrunableEncoder,
  measureHeads,
} from '../../learning/compress/index.ts';
import { loadSampleExamples } from '../../learning/data/index.ts';
import { collateBatch, loadArticleEncoder, planEvaluationBatches } from '../../text/tokenize/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { Evaluator } from '../evaluate/index.ts';
import { locateModel } from '../locate-model/index.ts';
import { measureCompressed } from './compressed-limits.ts';
import { loadModelSplit } from './model-split.ts';

export interface ExportRequest {
  /** NAME, NAME@VERSION, run id or folder. */
  readonly model: string;
  readonly precision: Precision;
  /** Share of the attention heads to prune; 0: none. */
  readonly pruneHeads: number;
  /** Absolute path of the folder to make; null: the model is only registered. */
  readonly out: string | null;
  /** Name to register under; null: not registered. */
  readonly register: string | null;
  /** Threads of the models that are compared, and how the copy is evaluated. */
  readonly config: Pick<TrainConfig, 'threads' | 'evaluate' | 'seed'>;
}

export interface ExportResult {
  /** The new folder, or that of the registered version. */
  readonly path: string;
  /** NAME@VERSION; null: not registered. */
  readonly modelVersion: string | null;
  readonly info: ModelFolder;
  /** Reports on the test split of its dataset, or on validation if there is none; empty if the dataset is not in this home. */
  readonly evaluations: readonly EvaluationReport[];
}

/** Most articles that heads are measured on: more do not change the ranking noticeably. */
const MEASURED_ARTICLES = 512;
/** Most articles that original and copy are compared on. */
const COMPARED_ARTICLES = 2000;
const BATCH_TOKENS = 2048;
const BATCH_ARTICLES = 32;

/**
 * Makes the smaller model.
 * @throws MODEL_NAME_INVALID, SYSTEM_REFUSED, COMPRESSION_UNSUPPORTED, COMPRESSION_DISAGREES, DATASET_NOT_FOUND (heads are measured on its articles), USAGE
 *   when the folder exists, and what locating, loading and registering throw; the signal's reason when it is aborted
 */
export async function exportModel(request: ExportRequest, context: WorkflowContext): Promise<ExportResult> {
  const { register } = request;
  if (register !== null) {
    if (!isModelName(register)) throw appError('MODEL_NAME_INVALID', { name: register });
    await context.stores.registry.assertWritable(register);
  }
  const original = await locateModel(request.model, context);
  const info = loadRecord(modelFolderRecord, join(original.folder, 'veracity.json'));
  assertCompressible(original.folder, info);
  const folder = request.out ?? join(createTemporaryName(join(context.home.cache, 'export')), 'model');
  if (existsSync(folder)) {
    const problem = `expected a folder that is not there yet, got ${folder}`;
    throw appError('USAGE', { where: '--out', problem, hint: 'Name another, or remove it.' });
  }
  try {
    const { datasets, registry } = context.stores;
    const known = await datasets.has(info.datasetVersion);
    const manifest = known ? await datasets.load(info.datasetVersion) : null;
    const heads = request.pruneHeads === 0 ? null : await rankHeads(original.folder, info, request, context);
    await createFolderAtomic(folder, (temporary) =>
      fillFolder(
        temporary,
        {
          original: original.folder,
          parent: original.modelVersion ?? info.runId,
          info,
          manifest,
          heads,
          precision: request.precision,
          threads: request.config.threads,
        },
        context,
      ),
    );
    const made = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
    const evaluations =
      manifest === null ? [] : [await evaluateOnOwn(folder, made, manifest, request.config, context)];
    if (request.register === null) return { path: folder, modelVersion: null, info: made, evaluations };
    const version = await registry.register({ name: request.register, folder, evaluations });
    context.say(`registered ${version.reference} in ${version.location}`);
    const path = request.out === null ? version.location : folder;
    return { path, modelVersion: version.reference, info: made, evaluations };
  } finally {
    if (request.out === null) rmSync(join(folder, '..'), { recursive: true, force: true });
  }
}

/** Measures the heads on validation articles. @returns [L] indices of the least important heads of each layer */
async function rankHeads(
  folder: string,
  info: ModelFolder,
  { pruneHeads, config }: ExportRequest,
  context: WorkflowContext,
): Promise<number[][]> {
  const { stores, progress, signal } = context;
  const manifest = await stores.datasets.load(info.datasetVersion);
  const split = await loadModelSplit(folder, info, manifest, 'validation', context);
  const articles = Math.min(MEASURED_ARTICLES, split.labels.length);
  const lengths = Array.from({ length: articles }, (_, row) => split.offsets[row + 1]! - split.offsets[row]!);
  const { padId } = await loadArticleEncoder(folder, info);
  const limits = { maxArticles: BATCH_ARTICLES, maxTokens: BATCH_TOKENS };
  const batches = planEvaluationBatches({ lengths, ...limits }).map((rows) =>
    collateBatch(split, rows, padId),
  );
  const encoder = loadPrunableEncoder(folder, info);
  const bar = progress('measure heads', articles, 'articles');
  const importance = await measureHeads(encoder, batches, {
    classes: info.classNames.length,
    threads: config.threads,
    signal,
    onProgress: (done) => bar.update(done),
  }).finally(bar.stop);
  const heads = chooseHeads(importance, pruneHeads);
  const cut = heads.reduce((sum, layer) => sum + layer.length, 0);
  const all = encoder.layers * encoder.heads;
  context.say(
    `measured ${all} attention heads on ${articles} validation articles; pruned the ${cut} least important`,
  );
  return heads;
}

interface Copying {
  /** Folder of the original. */
  readonly original: string;
  /** NAME@VERSION or run id of the original. */
  readonly parent: string;
  /** veracity.json of the original. */
  readonly info: ModelFolder;
  readonly manifest: DatasetManifest | null;
  /** [L] indices of the heads to prune; null: none. */
  readonly heads: readonly (readonly number[])[] | null;
  readonly precision: Precision;
  readonly threads: number;
}

/** Writes the copy into `folder`: compressed files first, then what is measured on them. */
async function fillFolder(folder: string, copying: Copying, context: WorkflowContext): Promise<void> {
  const { original, info, manifest, heads, precision, threads } = copying;
  const parameterCount = compressFolder(original, info, folder, { precision, heads });
  const described = buildDescription(copying, parameterCount, context.clock.nowIso());
  // The folder needs a record to be loaded. Until they are measured, its figures are those of the original.
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), described);
  copyKeptExamples(original, folder);
  const articles = await readProbe(manifest, info, context);
  const before = await predictAll(original, articles, threads);
  const after = await predictAll(folder, articles, threads);
  const exportCheck = compareLogits(before, after, info.classNames.length);
  if (heads === null) assertAgreement(folder, exportCheck);
  const labels = Int32Array.from(articles, ({ label }) => label);
  const outOfDistribution = await measureCompressed(
    { folder, info: described, original, manifest, threads },
    context,
  );
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), {
    ...described,
    calibration: calibrate(copying, after, labels),
    ...(outOfDistribution === undefined ? {} : { outOfDistribution }),
    exportCheck,
  });
  await withClassifier(folder, threads, (classifier) => saveReferencePredictions(folder, classifier));
  const percent = (100 * exportCheck.agreement).toFixed(1);
  context.say(
    `wrote ${precision}: same label as the original on ${percent}% of ${exportCheck.articles} articles`,
  );
}

/** What veracity.json says about the copy before anything is measured on it. */
function buildDescription(
  { parent, info, heads, precision }: Copying,
  parameterCount: number,
  createdAt: string,
): ModelFolder {
  return {
    ...info,
    createdAt,
    parents: [...new Set([parent, ...info.parents])],
    parameterCount,
    precision,
    ...(heads === null ? {} : { prunedHeads: heads.map((layer) => [...layer]) }),
  };
}

/** A new calibration for the copy's logits [N, C]; the original's where there is none to fit. */
function calibrate(
  { info, manifest, heads, precision }: Copying,
  logits: Float32Array,
  labels: Int32Array,
): ModelFolder['calibration'] {
  const { calibration, classNames } = info;
  // Half precision changes the logits too little for a new temperature to matter.
  const isUnchanged = heads === null && precision !== 'int8';
  if (manifest === null || isUnchanged) return calibration;
  const abstainPrecision = calibration.abstain?.wanted ?? null;
  return fitCalibration(logits, labels, classNames.length, { abstainPrecision });
}

/** Reads validation articles with labels; the bundled examples if the dataset is not in this home. */
async function readProbe(
  manifest: DatasetManifest | null,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<LabelledArticle[]> {
  if (manifest === null) {
    context.warn(`${info.datasetVersion} is not in this home: compared on the bundled examples only`, {
      code: 'DATASET_NOT_HERE',
      datasetVersion: info.datasetVersion,
    });
    return loadSampleExamples().map(({ title, text }) => ({ title, text, label: 0, source: null }));
  }
  const articles: LabelledArticle[] = [];
  for await (const article of context.stores.datasets.readSplit(manifest, 'validation')) {
    if (articles.length === COMPARED_ARTICLES) break;
    articles.push(article);
  }
  return articles;
}

function predictAll(
  folder: string,
  articles: readonly LabelledArticle[],
  threads: number,
): Promise<Float32Array> {
  return withClassifier(folder, threads, (classifier) => classifier.computeLogits(articles));
}

function evaluateOnOwn(
  folder: string,
  info: ModelFolder,
  manifest: DatasetManifest,
  { threads, evaluate, seed }: ExportRequest['config'],
  context: WorkflowContext,
): Promise<EvaluationReport> {
  const settings = { evaluate: { ...evaluate, collections: [] }, seed };
  return withClassifier(folder, threads, (classifier) =>
    new Evaluator(classifier, settings, context).evaluateOwn(manifest, [info.parents[0]!, manifest.id]),
  );
}

async function withClassifier<T>(
  folder: string,
  threads: number,
  work: (classifier: DetailedClassifier) => Promise<T>,
): Promise<T> {
  const classifier = await loadClassifier(folder, { threads, inline: true });
  try {
    return await work(classifier);
  } finally {
    await classifier.dispose();
  }
}
