// Tokenise once: the ids of a split lie in the cache under (dataset version, split, encoder digest), and everything
// that shapes them is in that name. The cache can be deleted at any time; a damaged file is made again.
import { join } from 'node:path';
import type { Logger } from '../../foundation/core/index.ts';
import { isAppError, withBuildLock } from '../../foundation/core/index.ts';
import type { DatasetArticle } from '../../foundation/records/index.ts';
import type { ArticleEncoder, TokenizedSplit } from './article-encoder.ts';
import {
  loadTokenizedSplit,
  saveTokenizedSplit,
  type TokenizeOptions,
  tokenizeSplit,
} from './tokenized-split.ts';

export interface TokenCacheOptions extends TokenizeOptions {
  readonly cacheFolder: string;
  readonly datasetVersion: string;
  readonly split: string;
  readonly encoder: ArticleEncoder;
  /** Opened only when the cache does not have the split. */
  readonly articles: () => AsyncIterable<DatasetArticle> | Iterable<DatasetArticle>;
  readonly logger?: Logger;
}

/** File of a split's ids in the cache. */
export function nameTokenCache(
  options: Pick<TokenCacheOptions, 'cacheFolder' | 'datasetVersion' | 'split' | 'encoder'>,
): string {
  const { cacheFolder, datasetVersion, split, encoder } = options;
  return join(cacheFolder, 'tokens', `${datasetVersion}-${split}-${encoder.digest.slice(0, 16)}.vtok`);
}

/**
 * The split's ids from the cache, else tokenised and put there.
 * @throws DISK_FULL
 */
export async function loadOrTokenizeSplit(options: TokenCacheOptions): Promise<TokenizedSplit> {
  const path = nameTokenCache(options);
  const found = loadCached(path, options);
  if (found !== null) return found;
  // Of several trainings at once one tokenises, and the others wait for it.
  return withBuildLock(path, async () => {
    const built = loadCached(path, {}); // what is damaged has been said
    if (built !== null) return built;
    const split = await tokenizeSplit(options.articles(), options.encoder, options);
    saveTokenizedSplit(path, split);
    return split;
  });
}

/** null if there is no file or a damaged one. */
function loadCached(path: string, { logger }: Pick<TokenCacheOptions, 'logger'>): TokenizedSplit | null {
  try {
    return loadTokenizedSplit(path);
  } catch (error) {
    if (!isAppError(error) || (error.code !== 'FILE_NOT_FOUND' && error.code !== 'FILE_CORRUPT')) throw error;
    if (error.code === 'FILE_CORRUPT') logger?.warn({ path }, 'token cache is damaged; tokenising again');
    return null;
  }
}
