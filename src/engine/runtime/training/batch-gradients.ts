// The arrays in the processor's memory into which the gradients of a batch are written, and the sum of the gradients of a
// step's batches. Dense gradients of the first batch go straight into the sum; those of later batches into a second array.
import { countElements, float32Tensor, type TensorData } from '../../graph/index.ts';
import type { TrainedParameter } from '../update/index.ts';

type Tensors = Readonly<Record<string, TensorData>>;

export class BatchGradients {
  readonly #parameters: readonly TrainedParameter[];
  readonly #add: (sum: Float32Array, more: Float32Array) => void;
  /** Gradients of later batches by parameter name; made when first needed. */
  readonly #later = new Map<string, TensorData>();
  /** Rows of a batch by parameter name; a buffer only ever grows. */
  readonly #rows = new Map<string, Float32Array>();

  /** @param add  sum += more */
  constructor(parameters: readonly TrainedParameter[], add: (sum: Float32Array, more: Float32Array) => void) {
    this.#parameters = parameters;
    this.#add = add;
  }

  /** An array for every gradient that the batch's run writes, by output name. */
  prepare(inputs: Tensors, isFirst: boolean): Record<string, TensorData> {
    const outputs: Record<string, TensorData> = {};
    for (const parameter of this.#parameters) {
      const { source, gradient } = parameter;
      if (source.kind === 'rows') {
        outputs[source.output] = this.#rowsOf(parameter, [...inputs[source.indices]!.shape, parameter.width]);
      } else if ('dense' in gradient) {
        outputs[source.output] = isFirst ? gradient.dense : this.#laterOf(parameter);
      }
    }
    return outputs;
  }

  /** Adds what the run wrote to the step's sums. */
  collect(inputs: Tensors, results: Tensors, isFirst: boolean): void {
    for (const parameter of this.#parameters) {
      const { source, gradient } = parameter;
      if ('rows' in gradient && source.kind === 'rows') {
        if (isFirst) gradient.rows.clear();
        gradient.rows.add(
          inputs[source.indices]!.data as Int32Array,
          results[source.output]!.data as Float32Array,
        );
      } else if ('dense' in gradient && !isFirst) {
        this.#add(gradient.dense.data, this.#laterOf(parameter).data as Float32Array);
      }
    }
  }

  #laterOf({ name, shape }: TrainedParameter): TensorData {
    let tensor = this.#later.get(name);
    if (tensor === undefined) {
      tensor = float32Tensor(shape);
      this.#later.set(name, tensor);
    }
    return tensor;
  }

  /** @param shape  [B, T, D] */
  #rowsOf({ name }: TrainedParameter, shape: readonly number[]): TensorData {
    const length = countElements(shape);
    let buffer = this.#rows.get(name);
    if (buffer === undefined || buffer.length < length) {
      buffer = new Float32Array(length);
      this.#rows.set(name, buffer);
    }
    return float32Tensor(shape, buffer.subarray(0, length));
  }
}
