// The encoder a model folder carries, whichever kind it is.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArticleEncoder } from './article-encoder.ts';
import { loadHashedNgramEncoder } from './hashed-ngrams.ts';
import { loadPieceEncoder } from './load-piece-encoder.ts';
import type { PieceEncoderOptions } from './piece-encoder.ts';

/**
 * Loads hashing.json (the linear model, which carries its own limits) or tokenizer.json / vocab.txt.
 * @throws FILE_NOT_FOUND, RECORD_INVALID, TOKENIZER_UNSUPPORTED, TOKENIZER_INVALID
 */
export async function loadArticleEncoder(
  folder: string,
  options: PieceEncoderOptions,
): Promise<ArticleEncoder> {
  if (existsSync(join(folder, 'hashing.json'))) return loadHashedNgramEncoder(folder);
  return loadPieceEncoder(folder, options);
}
