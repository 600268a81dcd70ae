// The gradient of a margin with respect to the word vectors, of an encoder whose folder has its weights as float32: the
// graph is built again with the vectors as an input, and differentiated as for training.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { invariant } from '../core/errors.ts';
import { differentiate } from '../engine/autodiff/differentiate.ts';
import type { ModelGraph } from '../engine/autodiff/training-program.ts';
import { writeOnnx } from '../engine/graph/onnx-writer.ts';
import { PROGRAM_NAMES } from '../engine/graph/program.ts';
import { float32Tensor, int32Tensor } from '../engine/graph/tensor.ts';
import { lowerToOnnx } from '../engine/ops/lower.ts';
import { createInferenceSession } from '../engine/runtime/inference-session.ts';
import { parseBertConfig } from '../models/bert/config.ts';
import { buildBert } from '../models/bert/graph.ts';
import { BERT_NAMES } from '../models/bert/names.ts';
import { WORD_VECTORS } from '../models/embedded-words.ts';
import { parseModernBertConfig } from '../models/modernbert/config.ts';
import { buildModernBert } from '../models/modernbert/graph.ts';
import { loadSafetensors } from '../models/safetensors.ts';
import type { ModelFolder } from '../records/model-folder.ts';

export interface GradientProgram {
  /** D */
  readonly width: number;
  /** [D] the vector of one id; a view. */
  vectorOf(id: number): Float32Array;
  /**
   * @param vectors  [B, T, D]
   * @param weights  [C] the margin is sum of weight * logit
   * @returns margins [B], and their gradients with respect to the vectors [B, T, D]
   */
  run(
    vectors: Float32Array,
    size: number,
    length: number,
    weights: readonly number[],
  ): Promise<{ margins: Float32Array; gradients: Float32Array }>;
  dispose(): Promise<void>;
}

const WEIGHTS = 'margin_weights';
const MARGINS = 'margins';
const GRADIENTS = 'gradients';

/**
 * Compiles the program of the encoder in `folder`.
 * @returns null where the folder has no float32 weights (8-bit and half-precision copies)
 * @throws FILE_CORRUPT, MODEL_UNSUPPORTED, ENGINE_FAILED
 */
export async function loadGradientProgram(
  folder: string,
  info: Pick<ModelFolder, 'family' | 'classNames' | 'precision'>,
  { threads }: { readonly threads: number },
): Promise<GradientProgram | null> {
  const path = join(folder, 'model.safetensors');
  if ((info.precision ?? 'fp32') !== 'fp32' || !existsSync(path)) return null;
  const weights = loadSafetensors(path).tensors;
  const { graph, tableName } = buildGraph(folder, info);
  const table = weights.get(tableName)?.data;
  invariant(table instanceof Float32Array, 'word vectors are float32');
  const { b, logits } = graph;
  const classes = info.classNames.length;
  const marginWeights = b.input(WEIGHTS, 'float32', [1, classes]);
  const margins = b.reduceSum(b.mul(logits, marginWeights), [1], false); // [B]
  const vectors = b.graph.inputs.find(({ name }) => name === WORD_VECTORS);
  invariant(vectors !== undefined, 'the graph takes word vectors');
  const gradient = differentiate(b, b.reduceSum(margins, [0], false), [vectors]).get(vectors);
  invariant(gradient !== undefined, 'the margin depends on the words');
  const model = lowerToOnnx(b.graph, {
    outputs: { [MARGINS]: margins, [GRADIENTS]: gradient },
    weights,
    name: 'gradient of a margin',
  });
  const session = await createInferenceSession(new Uint8Array(Buffer.concat(writeOnnx(model))), {
    threads,
    inline: true, // the caller's thread is one of its own
  });
  const width = Number(vectors.shape[2]);
  return {
    width,
    vectorOf: (id) => table.subarray(id * width, (id + 1) * width),
    run: async (values, size, length, classWeights) => {
      const inputs = {
        [WORD_VECTORS]: float32Tensor([size, length, width], values),
        [PROGRAM_NAMES.inputIds]: int32Tensor([size, length], new Int32Array(size * length)),
        [PROGRAM_NAMES.attentionMask]: int32Tensor([size, length], new Int32Array(size * length).fill(1)),
        [WEIGHTS]: float32Tensor([1, classes], Float32Array.from(classWeights)),
      };
      const known = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name));
      const outputs = await session.run(Object.fromEntries(known));
      return {
        margins: outputs[MARGINS]!.data as Float32Array,
        gradients: outputs[GRADIENTS]!.data as Float32Array,
      };
    },
    dispose: () => session.dispose(),
  };
}

function buildGraph(
  folder: string,
  { family, classNames }: Pick<ModelFolder, 'family' | 'classNames'>,
): { graph: ModelGraph; tableName: string } {
  const where = join(folder, 'config.json');
  const json: unknown = JSON.parse(readFileSync(where, 'utf8'));
  const options = { training: false, idsType: 'int32', wordVectors: true } as const;
  if (family === 'modernbert') {
    const graph = buildModernBert(parseModernBertConfig(json, where, classNames), options);
    return { graph, tableName: 'model.embeddings.tok_embeddings.weight' };
  }
  const config = { ...parseBertConfig(json, where), classNames };
  return { graph: buildBert(config, options), tableName: BERT_NAMES[config.family].words };
}
