// A linear head saved as the family's standard one, so that other programs load it. DistilBERT's dense layer becomes
// x + shift, the shift so large that its ReLU passes everything, and the classifier's bias takes the shift back out. After
// a layer norm |x_i| <= |gain_i| sqrt(D - 1) + |bias_i|, which bounds it. What that costs is rounding: at a shift of 32
// about 1e-6 of the logits (docs/decisions.md). BERT's tanh passes nothing unchanged, so there is no such head for BERT.

import { float32Tensor, type TensorData } from '../../../engine/graph/index.ts';
import { createRandom } from '../../../foundation/core/index.ts';
import type { BertConfig } from './config.ts';
import { classifierRows } from './head.ts';
import { BERT_NAMES } from './names.ts';

/** First weights of a linear head: uniform within 1 / sqrt(D), weight and bias, PyTorch's default of a dense layer. */
export function createLinearHead(config: BertConfig, seed: number): Map<string, TensorData> {
  const { classifier } = BERT_NAMES[config.family];
  const rows = classifierRows('linear', config.classNames.length);
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
 * The standard DistilBERT head that gives a linear head's logits.
 * @param weights  encoder and linear head
 * @returns encoder and standard head: pre_classifier [D, D], classifier [C, D]
 */
export function foldLinearHead(
  weights: ReadonlyMap<string, TensorData>,
  config: BertConfig,
): Map<string, TensorData> {
  const { width: D, layers, classNames, family } = config;
  const C = classNames.length;
  const { pooler, classifier, layer } = BERT_NAMES[family];
  const { outputNorm } = layer(layers - 1);
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
    .set(`${pooler}.weight`, identity)
    .set(`${pooler}.bias`, float32Tensor([D], shifts))
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
