// The gradient of a margin with respect to the word vectors of an encoder. The encoder's graph is built again with the vectors
// as an input, and differentiated as for training. The weights are those of model.safetensors if the model predicts with
// them unchanged, else those of onnx/model.onnx converted to floats: rounding to 8 bits has no gradient of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import { differentiate } from '../../engine/autodiff/index.ts';
import {
  float32Tensor,
  int32Tensor,
  PROGRAM_NAMES,
  parseOnnx,
  type TensorData,
  writeOnnx,
} from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import { createInferenceSession } from '../../engine/runtime/session/index.ts';
import { invariant } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { readStoredWeights } from '../../learning/compress/index.ts';
import {
  loadEncoderDefinition,
  loadSafetensors,
  type NamedShape,
  WORD_VECTORS,
} from '../../learning/models/index.ts';

export interface GradientProgram {
  /** own: the weights that predict; dequantised: 8-bit weights converted to floats. */
  readonly weights: 'own' | 'dequantised';
  /** D */
  readonly width: number;
  /** [D] the vector of one id, as a view. */
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

type FolderFacts = Pick<ModelFolder, 'classNames' | 'precision' | 'prunedHeads'>;

const WEIGHTS = 'margin_weights';
const MARGINS = 'margins';
const GRADIENTS = 'gradients';

export interface LoadedGradients {
  /** null: weights are missing. */
  readonly program: GradientProgram | null;
  /** Names of parameters that the folder's files do not hold. */
  readonly missing: readonly string[];
}

/**
 * Compiles the program of the encoder in `folder`.
 * @throws FILE_CORRUPT, ONNX_INVALID, MODEL_UNSUPPORTED, ENGINE_FAILED
 */
export async function loadGradientProgram(
  folder: string,
  info: FolderFacts,
  { threads }: { readonly threads: number },
): Promise<LoadedGradients> {
  const { graph, table } = buildGraph(folder, info);
  const { weights, missing, isQuantized } = loadWeights(folder, info, [
    table,
    ...graph.b.graph.parameters.map(({ name, shape }) => ({ name, shape: shape.map(Number) })),
  ]);
  const words = weights.get(table.name)?.data;
  if (!(words instanceof Float32Array) || missing.length > 0)
    return { program: null, missing: missing.length > 0 ? missing : [table.name] };
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
    inline: true, // explanations already run in a thread of their own
  });
  const width = Number(vectors.shape[2]);
  const program: GradientProgram = {
    weights: isQuantized ? 'dequantised' : 'own',
    width,
    vectorOf: (id) => words.subarray(id * width, (id + 1) * width),
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
  return { program, missing: [] };
}

function loadWeights(
  folder: string,
  info: FolderFacts,
  parameters: readonly NamedShape[],
): {
  weights: ReadonlyMap<string, TensorData>;
  missing: readonly string[];
  isQuantized: boolean;
} {
  const path = join(folder, 'model.safetensors');
  if (!predictsWithSavedWeights(info) || !existsSync(path))
    return readStoredWeights(parseOnnx(readFileSync(join(folder, 'onnx', 'model.onnx'))), parameters);
  const weights = loadSafetensors(path).tensors;
  const missing = parameters.filter(({ name }) => !weights.has(name)).map(({ name }) => name);
  return { weights, missing, isQuantized: false };
}

/** Whether the ONNX file computes with the weights of model.safetensors, all heads included. */
function predictsWithSavedWeights({ precision = 'fp32', prunedHeads }: FolderFacts): boolean {
  return precision === 'fp32' && prunedHeads === undefined;
}

/** Builds the graph over word vectors; `table` is the weight that these come from. */
function buildGraph(
  folder: string,
  { classNames, prunedHeads }: FolderFacts,
): { graph: ModelGraph; table: NamedShape } {
  const definition = loadEncoderDefinition(folder);
  const graph = definition.build({
    training: false,
    idsType: 'int32',
    classNames,
    wordVectors: true,
    ...(prunedHeads === undefined
      ? {}
      : { headsOfLayer: prunedHeads.map((cut) => definition.heads - cut.length) }),
  });
  return { graph, table: definition.words };
}
