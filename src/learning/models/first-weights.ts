// First weights of parameters that a checkpoint lacks: normal with standard deviation 0.02 for matrices and tables, 1 for
// norms, 0 for biases, as BERT's relatives were initialised. Source: transformers, _init_weights of models/bert.
import { float32Tensor, type TensorData } from '../../engine/graph/index.ts';
import { createRandom } from '../../foundation/core/index.ts';
import { type EncoderDefinition, listParameters } from './encoder-definition.ts';

const DEVIATION = 0.02;

/** Every tensor of a classifier by name, from the seed alone. */
export function createEncoderWeights(
  definition: EncoderDefinition,
  classNames: readonly string[],
  seed: number,
): Map<string, TensorData> {
  return new Map(
    listParameters(definition, classNames).map(({ name, shape }) => [
      name,
      createFirstWeight(name, shape, seed),
    ]),
  );
}

/** One tensor; the same seed and name give the same bytes, whatever else the model has. */
export function createFirstWeight(name: string, shape: readonly number[], seed: number): TensorData {
  const tensor = float32Tensor(shape);
  const { data } = tensor;
  if (/norm\.weight$/i.test(name)) data.fill(1);
  else if (shape.length > 1) {
    const random = createRandom(seed, name);
    for (let i = 0; i < data.length; i++) data[i] = random.normal() * DEVIATION;
  }
  return tensor;
}
