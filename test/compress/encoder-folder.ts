// Writes small encoders of each family as the export of a training does, with seeded weights; they are large enough that
// every matrix is worth compressing.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOnnx } from '../../src/engine/graph/onnx-writer.ts';
import type { TensorData } from '../../src/engine/graph/tensor.ts';
import { lowerToOnnx } from '../../src/engine/ops/lower.ts';
import { createInferenceSession } from '../../src/engine/runtime/session/inference-session.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { type ModelFolder, modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { BERT } from '../../src/learning/models/bert/config.ts';
import { DISTILBERT } from '../../src/learning/models/distilbert/config.ts';
import type { EncoderDefinition } from '../../src/learning/models/encoder-definition.ts';
import { createEncoderWeights } from '../../src/learning/models/first-weights.ts';
import { defineModernBert } from '../../src/learning/models/modernbert/definition.ts';
import { createCompactConfig } from '../../src/learning/models/modernbert/family.ts';
import { definePostNorm } from '../../src/learning/models/post-norm/definition.ts';
import { ROBERTA } from '../../src/learning/models/roberta/config.ts';
import { saveSafetensors } from '../../src/learning/models/safetensors.ts';

export const FAMILIES = ['modernbert', 'distilbert', 'bert', 'roberta', 'modernbert-local'] as const;
export type Family = (typeof FAMILIES)[number];

const SHAPE = { vocabularySize: 200, width: 64, layers: 2, heads: 4, feedForward: 96, padId: 0 };
const CLASS_NAMES = ['FAKE', 'REAL'];

/** Writes config.json, model.safetensors and onnx/model.onnx. @returns the content of veracity.json */
export function createEncoderFolder(folder: string, family: Family): ModelFolder {
  const definition = define(family);
  const weights = createEncoderWeights(definition, CLASS_NAMES, 1);
  const { b, logits } = definition.build({ training: false, idsType: 'int64', classNames: CLASS_NAMES });
  for (const [name, { data }] of weights) {
    // Initial weights are so small that every article gets the same prediction.
    const random = createRandom(11, name);
    if (!/norm/i.test(name)) for (let i = 0; i < data.length; i++) data[i] = 0.2 * random.normal();
  }
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const json = definition.formatConfig({ classNames: CLASS_NAMES, dropout: NO_DROPOUT });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json));
  writeFileSync(join(folder, 'vocab.txt'), '[PAD]\n');
  saveSafetensors(join(folder, 'model.safetensors'), weights, { format: 'pt' });
  const model = lowerToOnnx(b.graph, { outputs: { logits }, weights });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), Buffer.concat(writeOnnx(model)));
  return {
    ...modelFolderRecord.example,
    family: definition.family,
    classNames: CLASS_NAMES,
    parameterCount: 100_000,
  };
}

const NO_DROPOUT = { embedding: 0, attention: 0, hidden: 0, classifier: 0 };

function define(family: Family): EncoderDefinition {
  const post = { ...SHAPE, maxPositions: 32, normEpsilon: 1e-12, dropout: NO_DROPOUT };
  const compact = createCompactConfig({ ...SHAPE, maxTokens: 32, dropout: NO_DROPOUT });
  switch (family) {
    case 'modernbert':
      return defineModernBert(compact);
    case 'modernbert-local':
      return defineModernBert({
        ...compact,
        attention: { ...compact.attention, isGlobal: [true, false], reach: 3 },
      });
    case 'distilbert':
      return definePostNorm({ ...post, layout: DISTILBERT, typeVocabulary: 0 });
    case 'bert':
      return definePostNorm({ ...post, layout: BERT, typeVocabulary: 2 });
    case 'roberta':
      return definePostNorm({
        ...post,
        layout: ROBERTA,
        typeVocabulary: 1,
        positionOffset: 1,
        kept: { model_type: 'roberta' },
      });
  }
}

/** Articles of 5 and 9 tokens. */
export const BATCH = createBatch();

function createBatch() {
  const [size, length] = [2, 9];
  const random = createRandom(3, 'batch');
  const ids = Int32Array.from({ length: size * length }, () => 1 + Math.floor(random.next() * 199));
  const attentionMask = new Int32Array(size * length).fill(1);
  ids.fill(0, 5, 9);
  attentionMask.fill(0, 5, 9);
  return { inputIds: ids, attentionMask, labels: Int32Array.of(0, 1), size, length };
}

/** @returns logits [2, 2] of BATCH */
export async function runModel(model: string | Uint8Array): Promise<Float32Array> {
  const session = await createInferenceSession(model, { threads: 1, inline: true });
  const shape = [BATCH.size, BATCH.length];
  const wide = (values: Int32Array): TensorData => ({
    dtype: 'int64',
    shape,
    data: BigInt64Array.from(values, BigInt),
  });
  try {
    const outputs = await session.run({
      input_ids: wide(BATCH.inputIds),
      attention_mask: wide(BATCH.attentionMask),
    });
    return outputs.logits!.data as Float32Array;
  } finally {
    await session.dispose();
  }
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
