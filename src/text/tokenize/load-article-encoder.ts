// The encoder a model folder carries, whichever kind it is.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArticleEncoder } from './article-encoder.ts';
import { loadHashedNgramEncoder } from './hashed-ngrams.ts';
import { type WordPieceEncoderOptions, wrapTokenizer } from './wordpiece-encoder.ts';
import { loadWordPieceTokenizer } from './wordpiece-file.ts';

/**
 * Loads hashing.json (the linear model, which carries its own limits) or tokenizer.json / vocab.txt.
 * @throws FILE_NOT_FOUND, RECORD_INVALID, TOKENIZER_UNSUPPORTED, TOKENIZER_INVALID
 */
export function loadArticleEncoder(folder: string, options: WordPieceEncoderOptions): ArticleEncoder {
  if (existsSync(join(folder, 'hashing.json'))) return loadHashedNgramEncoder(folder);
  return wrapTokenizer(loadWordPieceTokenizer(folder), options);
}
