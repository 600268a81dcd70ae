// A small pretrained checkpoint for tests, as save_pretrained lays it out: random but seeded weights, and a tokenizer
// whose pieces are letters and a few words, so that any English text has ids.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { type BertConfig, type BertFamily, formatBertConfig } from '../../src/learning/models/bert/config.ts';
import { createBertWeights } from '../../src/learning/models/bert/weights.ts';
import { saveSafetensors } from '../../src/learning/models/safetensors.ts';
import { buildVocabulary, SPECIAL_TOKENS } from '../../src/text/tokenize/vocabulary.ts';
import { createWordPieceEncoder } from '../../src/text/tokenize/wordpiece-encoder.ts';

const CHARACTERS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
  (c) => c === c.toLowerCase(),
);
const WORDS = ['the', 'and', 'of', 'to', 'in', 'council', 'report', 'water', 'price', 'vote', 'said', 'on'];
const PIECES = [...SPECIAL_TOKENS, ...CHARACTERS, ...CHARACTERS.map((c) => `##${c}`), ...WORDS];

export interface TinyCheckpoint {
  readonly config: BertConfig;
  readonly weights: ReadonlyMap<string, TensorData>;
}

export interface TinyCheckpointOptions {
  readonly family: BertFamily;
  /** Keys of config.json to add or replace. */
  readonly file?: Record<string, unknown>;
  /** From the family's own names and tensors to what the file holds. */
  readonly change?: (weights: ReadonlyMap<string, TensorData>) => ReadonlyMap<string, TensorData>;
}

/** Writes config.json, model.safetensors and the tokenizer's files into `folder`. */
export function createTinyCheckpoint(
  folder: string,
  { family, file = {}, change = (weights) => weights }: TinyCheckpointOptions,
): TinyCheckpoint {
  const config: BertConfig = {
    family,
    vocabularySize: PIECES.length,
    width: 16,
    layers: 2,
    heads: 2,
    feedForward: 32,
    maxPositions: 64,
    typeVocabulary: family === 'bert' ? 2 : 0,
    normEpsilon: 1e-12,
    classNames: ['FAKE', 'REAL'],
    padId: 0,
    dropout: { embedding: 0.1, attention: 0.1, hidden: 0.1, classifier: 0.1 },
  };
  const weights = createBertWeights(config, 3);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...formatBertConfig(config), ...file }));
  saveSafetensors(join(folder, 'model.safetensors'), change(weights), { format: 'pt' });
  const vocabulary = buildVocabulary(
    PIECES.map((piece, id): [string, number] => [piece, id]),
    'test',
  );
  createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head' }).save(folder);
  return { config, weights };
}
