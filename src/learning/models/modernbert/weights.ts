// First weights of a model trained from scratch: normal with standard deviation 1/sqrt(fan-in) for matrices (projections
// into the residual stream divided by sqrt(2 L), as in GPT-2), 0.02 for the table, 1 for norms, 0 for biases.

import { float32Tensor, type TensorData } from '../../../engine/graph/index.ts';
import { createRandom } from '../../../foundation/core/index.ts';
import type { ModernBertConfig } from './config.ts';
import { buildModernBert } from './graph.ts';

/** Weights by tensor name; the same seed gives the same bytes, whatever else the model has. */
export function createModernBertWeights(
  config: ModernBertConfig,
  classNames: readonly string[],
  seed: number,
): Map<string, TensorData> {
  const { b } = buildModernBert(config, { training: false, idsType: 'int32', classNames });
  const weights = new Map<string, TensorData>();
  for (const { name, shape } of b.graph.parameters) {
    const tensor = float32Tensor(shape.map(Number));
    const { data } = tensor;
    if (name.endsWith('norm.weight')) data.fill(1);
    else if (!name.endsWith('.bias')) {
      const random = createRandom(seed, name);
      const deviation = standardDeviation(name, Number(shape[1]), config.layers);
      for (let i = 0; i < data.length; i++) data[i] = random.normal() * deviation;
    }
    weights.set(name, tensor);
  }
  return weights;
}

function standardDeviation(name: string, fanIn: number, layers: number): number {
  if (name.endsWith('tok_embeddings.weight') || name === 'classifier.weight') return 0.02;
  return (name.endsWith('.Wo.weight') ? 1 / Math.sqrt(2 * layers) : 1) / Math.sqrt(fanIn);
}
