// Out-of-distribution limits of a compressed model. Its vectors differ slightly from those of its original, so the limit is
// measured again. With rounded weights the vector space stays the same; with pruned heads it changes and is measured too.

import type { DatasetManifest, ModelFolder } from '../../foundation/records/index.ts';
import {
  copyArticleIndex,
  hasArticleIndex,
  listIndexed,
  measureLimit,
  measureSpace,
  saveArticleIndex,
} from '../../judging/out-of-distribution/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { loadModelSplit } from './model-split.ts';

export interface Compressed {
  readonly folder: string;
  /** What its veracity.json will say. */
  readonly info: ModelFolder;
  readonly original: string;
  /** Dataset version it was trained on; null: not in this home. */
  readonly manifest: DatasetManifest | null;
  readonly threads: number;
}

/**
 * Measures the distance limit and copies or rebuilds the index of similar articles.
 * @returns the limits for veracity.json; those of the original if there are no articles to measure on
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
        await listIndexed(
          () => context.stores.datasets.readSplit(manifest, 'train'),
          classNames,
          context.signal,
        ),
        found.vectors,
      );
    return { ...outOfDistribution, distance: found?.distance ?? null };
  } finally {
    bar.stop();
  }
}
