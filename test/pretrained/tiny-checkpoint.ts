// A small pretrained checkpoint for tests, in the layout of save_pretrained: random but seeded weights, and a tokenizer
// whose pieces are letters and a few words, so that any English text has ids.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { BERT } from '../../src/learning/models/bert/config.ts';
import { DISTILBERT } from '../../src/learning/models/distilbert/config.ts';
import type { EncoderDefinition } from '../../src/learning/models/encoder-definition.ts';
import { createEncoderWeights } from '../../src/learning/models/first-weights.ts';
import { defineModernBert } from '../../src/learning/models/modernbert/definition.ts';
import { definePostNorm } from '../../src/learning/models/post-norm/definition.ts';
import { ROBERTA } from '../../src/learning/models/roberta/config.ts';
import { saveSafetensors } from '../../src/learning/models/safetensors.ts';
import { buildVocabulary, SPECIAL_TOKENS } from '../../src/text/tokenize/vocabulary.ts';
import { createWordPieceEncoder } from '../../src/text/tokenize/wordpiece-encoder.ts';

const CHARACTERS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
  (c) => c === c.toLowerCase(),
);
const WORDS = ['the', 'and', 'of', 'to', 'in', 'council', 'report', 'water', 'price', 'vote', 'said', 'on'];
const PIECES = [...SPECIAL_TOKENS, ...CHARACTERS, ...CHARACTERS.map((c) => `##${c}`), ...WORDS];

export type TinyFamily = 'bert' | 'distilbert' | 'roberta' | 'modernbert';

export interface TinyCheckpoint {
  readonly config: EncoderDefinition;
  readonly weights: ReadonlyMap<string, TensorData>;
}

export interface TinyCheckpointOptions {
  readonly family: TinyFamily;
  /** FAKE and REAL by default. */
  readonly classNames?: readonly string[];
  /** Keys of config.json to add or replace. */
  readonly file?: Record<string, unknown>;
  /** Converts the family's own names and tensors to those of the file. */
  readonly change?: (weights: ReadonlyMap<string, TensorData>) => ReadonlyMap<string, TensorData>;
}

/** Writes config.json, model.safetensors and the tokenizer's files into `folder`. */
export function createTinyCheckpoint(
  folder: string,
  { family, classNames = CLASS_NAMES, file = {}, change = (weights) => weights }: TinyCheckpointOptions,
): TinyCheckpoint {
  const config = defineTiny(family);
  const weights = createEncoderWeights(config, classNames, 3);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...config.formatConfig({ classNames, dropout: config.dropout }), ...file }),
  );
  saveSafetensors(join(folder, 'model.safetensors'), change(weights), { format: 'pt' });
  const vocabulary = buildVocabulary(
    PIECES.map((piece, id): [string, number] => [piece, id]),
    'test',
  );
  createWordPieceEncoder({ vocabulary, maxTokens: 64, truncation: 'head' }).save(folder);
  return { config, weights };
}

const CLASS_NAMES = ['FAKE', 'REAL'];

/** An encoder of 2 layers, 16 wide, that reads 64 tokens. */
function defineTiny(family: TinyFamily): EncoderDefinition {
  const sizes = { vocabularySize: PIECES.length, width: 16, layers: 2, heads: 2, feedForward: 32, padId: 0 };
  const dropout = { embedding: 0.1, attention: 0.1, hidden: 0.1, classifier: 0.1 };
  const post = { ...sizes, dropout, maxPositions: 64, normEpsilon: 1e-12 };
  switch (family) {
    case 'bert':
      return definePostNorm({ ...post, layout: BERT, typeVocabulary: 2 });
    case 'distilbert':
      return definePostNorm({ ...post, layout: DISTILBERT, typeVocabulary: 0 });
    case 'roberta':
      return definePostNorm({
        ...post,
        layout: ROBERTA,
        typeVocabulary: 1,
        positionOffset: 1,
        kept: { model_type: 'roberta' },
      });
    case 'modernbert':
      return defineModernBert({
        ...sizes,
        dropout,
        maxTokens: 64,
        pooling: 'mean',
        normEpsilon: 1e-5,
        attention: { isGlobal: [true, false], reach: 4, globalTheta: 160_000, localTheta: 10_000 },
      });
  }
}
