// Chooses the articles that an evaluation reads: the model's own test split, the test split of another version of the same files,
// or every article of another source.

import { appError } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { type DatasetManifest, type SplitName, splitNames } from '../../foundation/records/index.ts';
import { createTrainingIndex, type LabelledArticle } from '../../judging/evaluate/index.ts';
import type { DatasetStore } from '../../keeping/datasets/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { prepareDatasetVersion } from '../prepare/index.ts';
import type { EvaluationRequest, SplitChoice } from './evaluation-request.ts';
import type { EvaluationSettings } from './evaluation-settings.ts';
import { isNamedAfterFile, nameData } from './evaluator.ts';

export interface ChosenArticles {
  readonly manifest: DatasetManifest;
  readonly split: SplitChoice;
  readonly collection: string;
  readonly testSet: string;
  readonly outOfSource: boolean;
  /** Number of articles, including those of classes that the model does not know. */
  readonly total: number;
}

/** @throws DATASET_NOT_FOUND, DATA_SPLIT_ZERO, and what preparing data throws */
export async function chooseArticles(
  request: Pick<EvaluationRequest, 'dataset' | 'split'>,
  settings: Pick<EvaluationSettings, 'seed' | 'data' | 'trainedWith'>,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<ChosenArticles> {
  const manifest = await findManifest(request, settings, info, context);
  const { datasets } = context.stores;
  const trained = (await datasets.has(info.datasetVersion)) ? await datasets.load(info.datasetVersion) : null;
  const sameFiles = isSameSource(manifest, trained, info);
  const outOfSource = !sameFiles && !(await sharesArticles(manifest, trained, datasets));
  const own = manifest.splits.test.rows > 0 ? 'test' : 'validation';
  const split = request.split ?? (sameFiles ? own : 'all');
  if (split !== 'all' && split !== 'train' && manifest.splits[split].rows === 0) {
    const hint = `The ${split} split of ${manifest.id} has no articles. Choose another one, such as split=all.`;
    throw appError('DATA_SPLIT_ZERO', { split, hint });
  }
  const articles = split === 'all' ? 'all articles' : `${split} split`;
  return {
    manifest,
    split,
    collection: `${nameData(manifest)} (${articles})`,
    testSet: `${manifest.id}/${split}`,
    outOfSource,
    total: listSplits(split).reduce((sum, name) => sum + manifest.splits[name].rows, 0),
  };
}

async function findManifest(
  { dataset }: Pick<EvaluationRequest, 'dataset'>,
  { data, seed, trainedWith }: Pick<EvaluationSettings, 'seed' | 'data' | 'trainedWith'>,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<DatasetManifest> {
  const { stores, say } = context;
  const wanted = dataset ?? info.datasetVersion;
  // The model's own dataset is not in this home, but its run says how to make it again.
  const config =
    data ?? (dataset === null && !(await stores.datasets.has(wanted)) ? (trainedWith?.data ?? null) : null);
  if (config === null) return stores.datasets.load(wanted);
  const { manifest } = await prepareDatasetVersion({ data: config, seed }, context, null);
  say(`dataset ${manifest.id}: ${nameData(manifest)}${manifest.synthetic ? ' (synthetic articles)' : ''}`);
  return manifest;
}

/** Whether both are one version or come from the same raw files; compares names if the training data is not in this home. */
function isSameSource(
  manifest: DatasetManifest,
  trained: DatasetManifest | null,
  info: ModelFolder,
): boolean {
  if (manifest.id === info.datasetVersion) return true;
  if (trained === null) return manifest.name === info.datasetName && !isNamedAfterFile(manifest);
  const files = new Set(trained.files.map((file) => file.md5));
  return manifest.files.some((file) => files.has(file.md5));
}

/** From this share of articles on, other files are another edition of the training files, not another source. */
const SAME_SOURCE_SHARE = 0.1;

/**
 * Whether a file that has grown or was edited since the training is measured: its md5 is another one, its articles are not.
 * All splits count: an article that was only tested on comes from the same source, too.
 */
async function sharesArticles(
  manifest: DatasetManifest,
  trained: DatasetManifest | null,
  datasets: DatasetStore,
): Promise<boolean> {
  if (trained === null) return false;
  const index = await createTrainingIndex(readSplits(datasets, trained));
  let articles = 0;
  let shared = 0;
  for await (const article of readSplits(datasets, manifest)) {
    articles++;
    if (index.has(article)) shared++;
  }
  return shared > 0 && shared >= articles * SAME_SOURCE_SHARE;
}

async function* readSplits(datasets: DatasetStore, manifest: DatasetManifest) {
  for (const name of splitNames) yield* datasets.readSplit(manifest, name);
}

function listSplits(split: SplitChoice): readonly SplitName[] {
  return split === 'all' ? splitNames : [split];
}

/**
 * Reads the chosen articles, with labels as the model's class indices. Articles of classes that the model does not know
 * are skipped and counted in `skipped` by class name.
 */
export async function* readArticles(
  datasets: DatasetStore,
  { manifest, split }: ChosenArticles,
  classNames: readonly string[],
  skipped: Record<string, number>,
): AsyncGenerator<LabelledArticle> {
  for (const name of listSplits(split)) {
    for await (const article of datasets.readSplit(manifest, name)) {
      const className = manifest.classNames[article.label] ?? 'unknown';
      const label = classNames.indexOf(className);
      if (label === -1) skipped[className] = (skipped[className] ?? 0) + 1;
      else yield { ...article, label };
    }
  }
}
