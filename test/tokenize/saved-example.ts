// The tokenizer that reference/load_saved.py loaded: trained on the fuzzed texts, 1,200 pieces, 64 tokens.
// As a program (`npx tsx test/tokenize/saved-example.ts FOLDER`) it writes that tokenizer.
import { pathToFileURL } from 'node:url';
import type { PieceEncoder } from '../../src/text/tokenize/article-encoder.ts';
import { trainVocabulary } from '../../src/text/tokenize/train-vocabulary.ts';
import { createWordPieceEncoder } from '../../src/text/tokenize/wordpiece-encoder.ts';
import { FUZZ_GROUPS, fuzzGroup } from './fuzz-text.ts';

export const FUZZED_TEXTS = Array.from({ length: FUZZ_GROUPS }, (_, group) => fuzzGroup(group)).flat();

export async function createExampleEncoder(): Promise<PieceEncoder> {
  const vocabulary = await trainVocabulary(FUZZED_TEXTS, { size: 1200 });
  return createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head' });
}

const folder = process.argv[2];
if (folder !== undefined && import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  void createExampleEncoder().then((encoder) => encoder.save(folder));
}
