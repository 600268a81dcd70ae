// A split of a dataset as token ids for the model to export.

import type { DatasetManifest, ModelFolder } from '../../foundation/records/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { loadArticleEncoder, loadOrTokenizeSplit } from '../../text/tokenize/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** Loads the split's ids from the cache, or tokenizes it. @throws what reading and tokenizing throw */
export async function loadModelSplit(
  folder: string,
  { maxTokens, truncation }: Pick<ModelFolder, 'maxTokens' | 'truncation'>,
  manifest: DatasetManifest,
  split: 'train' | 'validation' | 'test',
  { home, stores, progress, logger }: WorkflowContext,
): Promise<TokenizedSplit> {
  return loadOrTokenizeSplit({
    cacheFolder: home.cache,
    datasetVersion: manifest.id,
    split,
    encoder: await loadArticleEncoder(folder, { maxTokens, truncation }),
    articles: () => stores.datasets.readSplit(manifest, split),
    total: manifest.splits[split].rows,
    progress,
    logger,
  });
}
