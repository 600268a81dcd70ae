// Which articles `evaluate` judges, and how they stand to what the model was trained on: its own test split; the test
// split of another version of the same files; or, from elsewhere, every article there is.

import type { Home, ModelFolder } from '../../foundation/records/index.ts';
import { type DatasetManifest, type SplitName, splitNames } from '../../foundation/records/index.ts';
import type { LabelledArticle } from '../../judging/evaluate/index.ts';
import { datasetExists, loadManifest, prepareDataset, readSplit } from '../../learning/data/index.ts';
import type { DataConfig, TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import type { EvaluationRequest, SplitChoice } from './evaluation-request.ts';
import { isFormatName, nameData } from './evaluator.ts';

export interface EvaluationSettings {
  readonly seed: number;
  /** null: no data was asked for. */
  readonly data: DataConfig | null;
  /** Of the run that trained the model, where it is in this home. */
  readonly trainedWith: TrainConfig | null;
}

export interface ChosenArticles {
  readonly manifest: DatasetManifest;
  readonly split: SplitChoice;
  readonly collection: string;
  readonly testSet: string;
  readonly outOfSource: boolean;
  /** Articles to evaluateCollection, the unknown classes among them. */
  readonly total: number;
}

/** @throws DATASET_NOT_FOUND, and what preparing data throws */
export async function chooseArticles(
  request: Pick<EvaluationRequest, 'dataset' | 'split'>,
  settings: EvaluationSettings,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<ChosenArticles> {
  const manifest = await findManifest(request, settings, info, context);
  const trained = datasetExists(context.home, info.datasetVersion)
    ? loadManifest(context.home, info.datasetVersion)
    : null;
  const outOfSource = !isSameSource(manifest, trained, info);
  const split = request.split ?? (outOfSource ? 'all' : 'test');
  const part = split === 'all' ? 'all articles' : `${split} split`;
  return {
    manifest,
    split,
    collection: `${nameData(manifest)} (${part})`,
    testSet: `${manifest.id}/${split}`,
    outOfSource,
    total: listSplits(split).reduce((sum, name) => sum + manifest.splits[name].rows, 0),
  };
}

async function findManifest(
  { dataset }: Pick<EvaluationRequest, 'dataset'>,
  { data, seed, trainedWith }: EvaluationSettings,
  info: ModelFolder,
  context: WorkflowContext,
): Promise<DatasetManifest> {
  const { home, clock, progress, say, signal } = context;
  const wanted = dataset ?? info.datasetVersion;
  // Its own data set went missing, but the run says how it was made.
  const config =
    data ?? (dataset === null && !datasetExists(home, wanted) ? (trainedWith?.data ?? null) : null);
  if (config === null) return loadManifest(home, wanted);
  const { manifest } = await prepareDataset({ config, seed, home, clock, progress, say, signal });
  say(`dataset ${manifest.id}: ${nameData(manifest)}${manifest.synthetic ? ' (invented articles)' : ''}`);
  return manifest;
}

/** Same version, or a version of the same raw files; by name where the training data is not in this home. */
function isSameSource(
  manifest: DatasetManifest,
  trained: DatasetManifest | null,
  info: ModelFolder,
): boolean {
  if (manifest.id === info.datasetVersion) return true;
  if (trained === null) return manifest.name === info.datasetName && !isFormatName(manifest.name);
  const files = new Set(trained.files.map((file) => file.md5));
  return manifest.files.some((file) => files.has(file.md5));
}

function listSplits(split: SplitChoice): readonly SplitName[] {
  return split === 'all' ? splitNames : [split];
}

/**
 * The chosen articles with the model's class indices; articles of classes it does not know are skipped and counted
 * in `skipped` by class name.
 */
export async function* readArticles(
  home: Home,
  { manifest, split }: ChosenArticles,
  classNames: readonly string[],
  skipped: Record<string, number>,
): AsyncGenerator<LabelledArticle> {
  for (const name of listSplits(split)) {
    for await (const article of readSplit(home, manifest, name)) {
      const className = manifest.classNames[article.label] ?? 'unknown';
      const label = classNames.indexOf(className);
      if (label === -1) skipped[className] = (skipped[className] ?? 0) + 1;
      else yield { ...article, label };
    }
  }
}
