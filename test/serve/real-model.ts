// A model folder as an export writes it, with a real tokenizer and a real ONNX file; its weights are random but
// seeded. For tests and benchmarks of serving.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelGraph } from '../../src/engine/autodiff/training-program.ts';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { countElements, float32Tensor } from '../../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { type ModelFolder, modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { saveRecord } from '../../src/foundation/records/record.ts';
import { buildLinear } from '../../src/learning/models/linear/model-files.ts';
import { formatModernBertConfig } from '../../src/learning/models/modernbert/config.ts';
import { createCompactConfig } from '../../src/learning/models/modernbert/family.ts';
import { buildModernBert } from '../../src/learning/models/modernbert/graph.ts';
import { saveSafetensors } from '../../src/learning/models/safetensors.ts';
import { createHashedNgramEncoder } from '../../src/text/tokenize/hashed-ngrams.ts';
import { buildVocabulary, SPECIAL_TOKENS } from '../../src/text/tokenize/vocabulary.ts';
import { createWordPieceEncoder } from '../../src/text/tokenize/wordpiece-encoder.ts';

/** A linear model's folder: hashed n-grams into a table of 1024 rows. */
export function createRealLinearModel(folder: string): void {
  const encoder = createHashedNgramEncoder({
    buckets: 1024,
    wordNgrams: 2,
    maxWords: 50,
    truncation: 'head',
  });
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  encoder.save(folder);
  saveOnnx(folder, buildLinear(1024, 2));
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), {
    ...modelFolderRecord.example,
    family: 'linear',
    model: 'linear',
    traits: { unit: 'features', tokenizerFile: 'hashing.json', library: 'veracity' },
    maxTokens: encoder.maxTokens,
    usualTokens: { low: 10, high: encoder.maxTokens },
  });
}

export interface RealModelOptions {
  readonly layers?: number;
  readonly width?: number;
  readonly maxTokens?: number;
  readonly info?: Partial<ModelFolder>;
}

const WORDS =
  'ferry harbour council report water price season vote mayor road the a of and in to was said on it'.split(
    ' ',
  );

/** Writes the folder; every printable ASCII character is a word piece, so that any English text has ids. */
export function createRealModel(folder: string, options: RealModelOptions = {}): void {
  const { layers = 2, width = 32, maxTokens = 64 } = options;
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const characters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
    (c) => c === c.toLowerCase(),
  );
  const pieces = [
    ...SPECIAL_TOKENS,
    ...characters,
    ...characters.map((c) => `##${c}`),
    ...WORDS.filter((word) => word.length > 1),
  ];
  const vocabulary = buildVocabulary(
    pieces.map((piece, id): [string, number] => [piece, id]),
    'test',
  );
  createWordPieceEncoder({ vocabulary, maxTokens, truncation: 'head' }).save(folder);

  const classNames = ['FAKE', 'REAL'];
  const dropout = { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 };
  const config = createCompactConfig({
    vocabularySize: pieces.length,
    width,
    layers,
    heads: Math.max(1, width / 64),
    feedForward: width * 2,
    maxTokens,
    padId: 0,
    dropout,
  });
  saveOnnx(folder, buildModernBert(config, { training: false, idsType: 'int64', classNames }));
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify(formatModernBertConfig(config, { classNames, dropout })),
  );
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), {
    ...modelFolderRecord.example,
    maxTokens,
    usualTokens: { low: 10, high: maxTokens },
    ...options.info,
  });
}

function saveOnnx(folder: string, { b, logits, embedding }: ModelGraph): void {
  const weights = new Map<string, TensorData>();
  for (const { name, shape } of b.graph.parameters) {
    const random = createRandom(7, name);
    const sizes = shape.map(Number);
    const data = Float32Array.from({ length: countElements(sizes) }, () =>
      name.includes('norm') ? 1 : random.normal() * 0.2,
    );
    weights.set(name, float32Tensor(sizes, data));
  }
  saveSafetensors(join(folder, 'model.safetensors'), weights, { format: 'pt' });
  const model = lowerToOnnx(b.graph, {
    outputs: { logits, ...(embedding === undefined ? {} : { embedding }) },
    weights,
  });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), Buffer.concat(writeOnnx(model)));
}
