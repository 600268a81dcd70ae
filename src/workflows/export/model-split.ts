// A split of a data set as the ids that an exported model reads.

import type { DatasetManifest, ModelFolder } from '../../foundation/records/index.ts';
import { readSplit } from '../../learning/data/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { loadArticleEncoder, loadOrTokenizeSplit } from '../../text/tokenize/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** The split's ids, from the cache where training left them. @throws what reading and tokenizing throw */
export async function loadModelSplit(
  folder: string,
  { maxTokens, truncation }: Pick<ModelFolder, 'maxTokens' | 'truncation'>,
  manifest: DatasetManifest,
  split: 'train' | 'validation' | 'test',
  { home, progress, logger }: WorkflowContext,
): Promise<TokenizedSplit> {
  return loadOrTokenizeSplit({
    cacheFolder: home.cache,
    datasetVersion: manifest.id,
    split,
    encoder: loadArticleEncoder(folder, { maxTokens, truncation }),
    articles: () => readSplit(home, manifest, split),
    total: manifest.splits[split].rows,
    progress,
    logger,
  });
}
