// Makes a smaller model from a trained one, top to bottom: heads to prune, files, agreement with the original on validation
// articles, calibration, evaluation on its own test split, and registration if asked for.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appError, createFolderAtomic } from '../../foundation/core/index.ts';
import { fitCalibration } from '../../foundation/metrics/index.ts';
import type { DatasetManifest, EvaluationReport } from '../../foundation/records/index.ts';
import {
  loadRecord,
  type ModelFolder,
  modelFolderRecord,
  type Precision,
  saveRecord,
} from '../../foundation/records/index.ts';
import type { LabelledArticle } from '../../judging/evaluate/index.ts';
import type { DetailedClassifier } from '../../judging/predict/index.ts';
import { loadClassifier, saveReferencePredictions } from '../../judging/predict/index.ts';
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
import { loadTrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { createEvaluator, nameData } from '../evaluate/index.ts';
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
}

export interface ExportResult {
  /** The new folder, or that of the registered version. */
  readonly path: string;
  /** NAME@VERSION; null: not registered. */
  readonly modelVersion: string | null;
  readonly info: ModelFolder;
  /** On the test split of its dataset, or validation if there is none; empty if the dataset is not in this home. */
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
 * @throws COMPRESSION_UNSUPPORTED, COMPRESSION_DISAGREES, DATASET_NOT_FOUND (heads are measured on its articles), USAGE
 *   when the folder exists, and what locating, loading and registering throw; the signal's reason when it is aborted
 */
export async function exportModel(request: ExportRequest, context: WorkflowContext): Promise<ExportResult> {
  const original = await locateModel(request.model, context);
  const info = loadRecord(modelFolderRecord, join(original.folder, 'veracity.json'));
  assertCompressible(original.folder, info);
  const folder = request.out ?? join(mkdtempSync(join(tmpdir(), 'veracity-export-')), 'model');
  if (existsSync(folder)) {
    const problem = `expected a folder that is not there yet, got ${folder}`;
    throw appError('USAGE', { where: '--out', problem, hint: 'Name another, or remove it.' });
  }
  try {
    const { datasets, registry } = context.stores;
    const known = await datasets.has(info.datasetVersion);
    const manifest = known ? await datasets.load(info.datasetVersion) : null;
    const heads =
      request.pruneHeads === 0 ? null : await rankHeads(original.folder, info, request.pruneHeads, context);
    await createFolderAtomic(folder, (temporary) =>
      fillFolder(temporary, { original: original.folder, info, manifest, heads, request }, context, {
        parent: original.modelVersion ?? info.runId,
      }),
    );
    const made = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
    const evaluations = manifest === null ? [] : [await evaluateOnOwn(folder, made, manifest, context)];
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
  share: number,
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
    threads: readThreads(context),
    signal,
    onProgress: (done) => bar.update(done),
  }).finally(bar.stop);
  const heads = chooseHeads(importance, share);
  const cut = heads.reduce((sum, layer) => sum + layer.length, 0);
  const all = encoder.layers * encoder.heads;
  context.say(
    `measured ${all} attention heads on ${articles} validation articles: ${cut} worth least are cut`,
  );
  return heads;
}

interface Filling {
  readonly original: string;
  readonly info: ModelFolder;
  readonly manifest: DatasetManifest | null;
  readonly heads: readonly (readonly number[])[] | null;
  readonly request: ExportRequest;
}

async function fillFolder(
  folder: string,
  { original, info, manifest, heads, request }: Filling,
  context: WorkflowContext,
  { parent }: { parent: string },
): Promise<void> {
  const { precision } = request;
  const parameterCount = compressFolder(original, info, folder, { precision, heads });
  const described: ModelFolder = {
    ...info,
    createdAt: context.clock.nowIso(),
    parents: [...new Set([parent, ...info.parents])],
    parameterCount,
    precision,
    ...(heads === null ? {} : { prunedHeads: heads.map((layer) => [...layer]) }),
  };
  // The folder needs a record to be loaded. Until they are measured, its figures are those of the original.
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), described);
  const articles = await readProbe(manifest, info, context);
  const labels = articles.map(({ label }) => label);
  const [before, after] = [
    await predictAll(original, articles, context),
    await predictAll(folder, articles, context),
  ];
  const check = compareLogits(before, after, info.classNames.length);
  const rounded = heads === null;
  if (rounded) assertAgreement(folder, check);
  const { calibration } = info;
  const outOfDistribution = await measureCompressed(
    { folder, info: described, original, manifest, threads: readThreads(context) },
    context,
  );
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), {
    ...described,
    // Half precision changes the logits too little for a new temperature to matter.
    calibration:
      manifest === null || (rounded && precision !== 'int8')
        ? calibration
        : fitCalibration(after, Int32Array.from(labels), info.classNames.length, {
            abstainPrecision: calibration.abstain?.wanted ?? null,
          }),
    ...(outOfDistribution === undefined ? {} : { outOfDistribution }),
    exportCheck: check,
  });
  await withClassifier(folder, context, (classifier) => saveReferencePredictions(folder, classifier));
  const percent = (100 * check.agreement).toFixed(1);
  context.say(`wrote ${precision}: the original's label on ${percent}% of ${check.articles} articles`);
}

/** Reads validation articles with labels; the bundled examples if the dataset is not in this home. */
async function readProbe(
  manifest: DatasetManifest | null,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<LabelledArticle[]> {
  if (manifest === null) {
    context.say(`${info.datasetVersion} is not in this home: compared on the bundled examples only`);
    return loadSampleExamples().map(({ title, text }) => ({ title, text, label: 0, source: null }));
  }
  const articles: LabelledArticle[] = [];
  for await (const article of context.stores.datasets.readSplit(manifest, 'validation')) {
    if (articles.length === COMPARED_ARTICLES) break;
    articles.push(article);
  }
  return articles;
}

async function predictAll(
  folder: string,
  articles: readonly LabelledArticle[],
  context: WorkflowContext,
): Promise<Float32Array> {
  return withClassifier(folder, context, (classifier) => classifier.computeLogits(articles));
}

async function evaluateOnOwn(
  folder: string,
  info: ModelFolder,
  manifest: DatasetManifest,
  context: WorkflowContext,
): Promise<EvaluationReport> {
  const { evaluate, seed } = loadTrainConfig([], context).config;
  const split = manifest.splits.test.rows > 0 ? 'test' : 'validation';
  return withClassifier(folder, context, (classifier) =>
    createEvaluator(
      classifier,
      { evaluate: { ...evaluate, collections: [] }, seed },
      context,
    ).evaluateArticles(context.stores.datasets.readSplit(manifest, split), {
      parents: [info.parents[0]!, manifest.id],
      collection: `${nameData(manifest)} (${split} split)`,
      testSet: `${manifest.id}/${split}`,
      outOfSource: false,
      synthetic: manifest.synthetic,
      total: manifest.splits[split].rows,
      wasInTraining: () => false, // a group of near-duplicates never lies in two splits
    }),
  );
}

async function withClassifier<T>(
  folder: string,
  context: WorkflowContext,
  work: (classifier: DetailedClassifier) => Promise<T>,
): Promise<T> {
  const classifier = await loadClassifier(folder, { threads: readThreads(context), inline: true });
  try {
    return await work(classifier);
  } finally {
    await classifier.dispose();
  }
}

function readThreads(context: WorkflowContext): number {
  return loadTrainConfig([], context).config.threads;
}
