// A split of a data set as the ids that an exported model reads.
import { readSplit } from '../data/index.ts';
import type { DatasetManifest } from '../records/dataset-manifest.ts';
import type { ModelFolder } from '../records/model-folder.ts';
import type { TokenizedSplit } from '../tokenize/article-encoder.ts';
import { loadArticleEncoder } from '../tokenize/load-article-encoder.ts';
import { loadOrTokenizeSplit } from '../tokenize/token-cache.ts';
import type { CommandContext } from './command.ts';

/** The split's ids, from the cache where training left them. @throws what reading and tokenizing throw */
export async function tokenizeSplit(
  folder: string,
  { maxTokens, truncation }: Pick<ModelFolder, 'maxTokens' | 'truncation'>,
  manifest: DatasetManifest,
  split: 'train' | 'validation' | 'test',
  { home, progress, logger }: CommandContext,
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
