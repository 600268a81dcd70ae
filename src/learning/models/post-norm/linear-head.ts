// A linear head saved as a standard one with a ReLU, so that other programs load it. The head's dense layer becomes
// x + shift, the shift so large that its ReLU passes everything, and the classifier's bias takes the shift back out. After
// a layer norm |x_i| <= |gain_i| sqrt(D - 1) + |bias_i|, which bounds it. What that costs is rounding: at a shift of 32
// about 1e-6 of the logits (docs/decisions.md). A tanh passes nothing unchanged, so there is no such head for BERT and RoBERTa.

import { float32Tensor, type TensorData } from '../../../engine/graph/index.ts';
import { createRandom } from '../../../foundation/core/index.ts';
import { classifierRows } from './head.ts';
import type { PostNormConfig } from './layout.ts';

/** First weights of a linear head: uniform within 1 / sqrt(D), weight and bias, PyTorch's default of a dense layer. */
export function createLinearHead(
  config: PostNormConfig,
  classNames: readonly string[],
  seed: number,
): Map<string, TensorData> {
  const { classifier } = config.layout.head;
  const rows = classifierRows('linear', classNames.length);
  const bound = 1 / Math.sqrt(config.width);
  const shapes = { [`${classifier}.weight`]: [rows, config.width], [`${classifier}.bias`]: [rows] };
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const tensor = float32Tensor(shape);
      const random = createRandom(seed, 'linear head', name);
      for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = (2 * random.next() - 1) * bound;
      return [name, tensor];
    }),
  );
}

/**
 * The standard head that gives a linear head's logits.
 * @param weights  encoder and linear head
 * @returns encoder and standard head: dense [D, D], classifier [C, D]
 */
export function foldLinearHead(
  weights: ReadonlyMap<string, TensorData>,
  { width: D, layers, layout }: PostNormConfig,
  classNames: readonly string[],
): Map<string, TensorData> {
  const C = classNames.length;
  const { dense, classifier } = layout.head;
  const { outputNorm } = layout.names.layer(layers - 1);
  const read = (name: string): Float32Array => weights.get(name)!.data as Float32Array;
  const shifts = boundFeatures(read(`${outputNorm}.weight`), read(`${outputNorm}.bias`));

  const identity = float32Tensor([D, D]);
  for (let i = 0; i < D; i++) identity.data[i * D + i] = 1;
  const unfolded = { weight: read(`${classifier}.weight`), bias: read(`${classifier}.bias`) };
  const folded = { weight: float32Tensor([C, D]), bias: float32Tensor([C]) };
  const single = classifierRows('linear', C) === 1;
  for (let c = 0; c < C; c++) {
    const row = single ? 0 : c;
    const scale = single ? (c === 0 ? -0.5 : 0.5) : 1;
    let bias = scale * unfolded.bias[row]!;
    for (let i = 0; i < D; i++) {
      const weight = scale * unfolded.weight[row * D + i]!;
      folded.weight.data[c * D + i] = weight;
      bias -= weight * shifts[i]!;
    }
    folded.bias.data[c] = bias;
  }
  return new Map(weights)
    .set(`${dense}.weight`, identity)
    .set(`${dense}.bias`, float32Tensor([D], shifts))
    .set(`${classifier}.weight`, folded.weight)
    .set(`${classifier}.bias`, folded.bias);
}

/** For each feature of a layer norm's output the smallest power of two that no value of it exceeds. @returns [D] */
function boundFeatures(gain: Float32Array, bias: Float32Array): Float32Array {
  const most = Math.sqrt(gain.length - 1);
  return gain.map(
    (g, i) => 2 ** Math.ceil(Math.log2(Math.max(1e-3, Math.abs(g) * most + Math.abs(bias[i]!)))),
  );
}
