// First weights of what a checkpoint does not bring: normal with standard deviation 0.02 for matrices and tables, 1 for
// norms, 0 for biases, as both families were initialised. Source: transformers, _init_weights of models/bert.

import { float32Tensor, type TensorData } from '../../../engine/graph/index.ts';
import { createRandom } from '../../../foundation/core/index.ts';
import type { BertConfig } from './config.ts';
import { buildBert } from './graph.ts';

const DEVIATION = 0.02;

/** Every tensor of the model by name, from the seed alone. */
export function createBertWeights(config: BertConfig, seed: number): Map<string, TensorData> {
  return new Map(
    listBertParameters(config).map(({ name, shape }) => [name, createBertTensor(name, shape, seed)]),
  );
}

/** One tensor; the same seed and name give the same bytes, whatever else the model has. */
export function createBertTensor(name: string, shape: readonly number[], seed: number): TensorData {
  const tensor = float32Tensor(shape);
  const { data } = tensor;
  if (/norm\.weight$/i.test(name)) data.fill(1);
  else if (shape.length > 1) {
    const random = createRandom(seed, name);
    for (let i = 0; i < data.length; i++) data[i] = random.normal() * DEVIATION;
  }
  return tensor;
}

/** The names and shapes that the model has. */
export function listBertParameters(
  config: BertConfig,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const { b } = buildBert(config, { training: false, idsType: 'int32' });
  return b.graph.parameters.map(({ name, shape }) => ({ name, shape: shape.map(Number) }));
}
