// How a compressed model knows what is unlike its training articles: its vectors are not quite those of its original, so
// the limit is measured anew. Rounded weights leave the space where it was; without heads it is another one.

import type { DatasetManifest, ModelFolder } from '../../foundation/records/index.ts';
import {
  copyArticleIndex,
  hasArticleIndex,
  listIndexed,
  measureLimit,
  measureSpace,
  saveArticleIndex,
} from '../../judging/out-of-distribution/index.ts';
import { readSplit } from '../../learning/data/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { loadModelSplit } from './model-split.ts';

export interface Compressed {
  readonly folder: string;
  /** As it will be described. */
  readonly info: ModelFolder;
  readonly original: string;
  /** null: its articles are not in this home. */
  readonly manifest: DatasetManifest | null;
  readonly threads: number;
}

/**
 * Measures the limit of distance and brings the index of similar articles along.
 * @returns what veracity.json should say; the original's where there is nothing to measure on
 */
export async function measureCompressed(
  { folder, info, original, manifest, threads }: Compressed,
  context: WorkflowContext,
): Promise<ModelFolder['outOfDistribution']> {
  const { outOfDistribution, classNames, precision = 'fp32' } = info;
  const isPruned = info.prunedHeads !== undefined;
  const keepIndex = isPruned && hasArticleIndex(original);
  if (!isPruned) copyArticleIndex(original, folder);
  if (manifest === null || outOfDistribution?.distance?.kind !== 'embedding') return outOfDistribution;
  const split = (name: 'train' | 'validation') => loadModelSplit(folder, info, manifest, name, context);
  const validation = await split('validation');
  const total = Math.min(1024, validation.labels.length);
  const bar = context.progress('measure distances', total, 'articles');
  const options = {
    folder,
    precision,
    classNames,
    validation,
    threads,
    signal: context.signal,
    onProgress: (done: number) => bar.update(Math.min(done, total)),
  };
  try {
    if (!isPruned) return { ...outOfDistribution, distance: await measureLimit(options) };
    const found = await measureSpace({ ...options, train: await split('train'), keepIndex });
    if (found !== null && keepIndex)
      saveArticleIndex(
        folder,
        await listIndexed(() => readSplit(context.home, manifest, 'train'), classNames, context.signal),
        found.vectors,
      );
    return { ...outOfDistribution, distance: found?.distance ?? null };
  } finally {
    bar.stop();
  }
}
