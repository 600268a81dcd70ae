// The teacher of a distillation: a trained model that predicts the train split once.
import { join } from 'node:path';
import {
  appError,
  canonicalJson,
  formatNames,
  hashFile,
  hashSha256,
  invariant,
} from '../../foundation/core/index.ts';
import type { ArticleText, DatasetManifest } from '../../foundation/records/index.ts';
import { loadRecord, type ModelFolder, modelFolderRecord } from '../../foundation/records/index.ts';
import { loadClassifier } from '../../judging/predict/index.ts';
import { type Distillation, loadOrComputeTeacherLogits } from '../../learning/train/index.ts';
import type { TrainConfig } from '../configuration/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { locateModel } from '../locate-model/index.ts';

export interface Teacher {
  /** NAME@VERSION, or the run id of a model that is not registered. */
  readonly reference: string;
  /** Hash of everything that decides its predictions. */
  readonly digest: string;
  readonly distillation: Distillation;
}

const ARTICLES_PER_CALL = 64;

/** A teacher before any article is read. */
export interface LocatedTeacher {
  readonly folder: string;
  readonly info: ModelFolder;
  readonly reference: string;
}

/** @returns null if no teacher is configured. @throws what locating a model throws */
export async function locateTeacher(
  { train }: Pick<TrainConfig, 'train'>,
  context: WorkflowContext,
): Promise<LocatedTeacher | null> {
  if (train.distillation === null) return null;
  const { folder, modelVersion } = await locateModel(train.distillation.teacher, context);
  const info = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
  return { folder, info, reference: modelVersion ?? info.runId };
}

/**
 * Computes the teacher's logits on the train split, or reads them from the cache.
 * @throws what loading a model throws; the signal's reason when it is aborted
 */
export async function prepareTeacher(
  { folder, info, reference }: LocatedTeacher,
  { train, threads }: Pick<TrainConfig, 'train' | 'threads'>,
  manifest: DatasetManifest,
  context: WorkflowContext,
): Promise<Teacher> {
  invariant(train.distillation !== null, 'a teacher is configured');
  const { temperature, alpha } = train.distillation;
  if (info.datasetVersion !== manifest.id) {
    context.warn(
      `teacher ${reference} was trained on ${info.datasetVersion}: it may have seen articles of this test split`,
      { code: 'TEACHER_OTHER_DATASET', teacher: reference, datasetVersion: info.datasetVersion },
    );
  }
  const digest = await digestTeacher({ folder, info });
  const articles = manifest.splits.train.rows;
  const logits = await loadOrComputeTeacherLogits({
    cacheFolder: context.home.cache,
    datasetVersion: manifest.id,
    teacherDigest: digest,
    elements: articles * info.classNames.length,
    compute: () => predictTrainSplit(folder, threads, manifest, context),
  });
  const teacherLogits = arrangeColumns(logits, info.classNames, manifest.classNames);
  context.say(`teacher ${reference}: temperature ${temperature}, ${alpha} of the loss`);
  return { reference, digest, distillation: { teacherLogits, temperature, alpha } };
}

/** The classes may have another order: `prepareTeacher` arranges the logits. @throws DISTILLATION_CLASSES */
export function assertSameClasses(
  teacher: string,
  { classNames }: ModelFolder,
  manifest: DatasetManifest,
): void {
  if (canonicalJson([...classNames].sort()) === canonicalJson([...manifest.classNames].sort())) return;
  const expected = formatNames(manifest.classNames);
  throw appError('DISTILLATION_CLASSES', { teacher, expected, got: formatNames(classNames) });
}

/** Logits [N, C] of the classes `from` in the order of `to`, which has the same names. */
export function arrangeColumns(
  logits: Float32Array,
  from: readonly string[],
  to: readonly string[],
): Float32Array {
  const columns = to.map((name) => from.indexOf(name));
  if (columns.every((column, c) => column === c)) return logits;
  const width = to.length;
  return logits.map((_, i) => logits[i - (i % width) + columns[i % width]!]!);
}

/** Hash of everything that decides the teacher's predictions. */
export async function digestTeacher({
  folder,
  info,
}: Pick<LocatedTeacher, 'folder' | 'info'>): Promise<string> {
  const { cleaning, maxTokens, truncation } = info;
  const files = [
    await hashFile(join(folder, 'onnx', 'model.onnx')),
    await hashFile(join(folder, info.traits.tokenizerFile)),
  ];
  return hashSha256(canonicalJson({ files, cleaning, maxTokens, truncation }));
}

/** @returns [N, C] in the order of the split and of the teacher's classes */
async function predictTrainSplit(
  folder: string,
  threads: number,
  manifest: DatasetManifest,
  { stores, progress, signal }: WorkflowContext,
): Promise<Float32Array> {
  const { rows } = manifest.splits.train;
  const classes = manifest.classNames.length;
  const logits = new Float32Array(rows * classes);
  const classifier = await loadClassifier(folder, { threads });
  const bar = progress('teacher predicts the train split', rows, 'articles');
  let done = 0;
  let waiting: ArticleText[] = [];
  const predictWaiting = async (): Promise<void> => {
    signal.throwIfAborted();
    if (waiting.length > 0) logits.set(await classifier.computeLogits(waiting), done * classes);
    done += waiting.length;
    waiting = [];
    bar.update(done);
  };
  try {
    for await (const article of stores.datasets.readSplit(manifest, 'train')) {
      waiting.push(article);
      if (waiting.length === ARTICLES_PER_CALL) await predictWaiting();
    }
    await predictWaiting();
    return logits;
  } finally {
    bar.stop();
    await classifier.dispose();
  }
}
