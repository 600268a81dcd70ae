// The arrays of one trained parameter. ONNX Runtime reads the weights and writes the gradient in place; the state is the
// optimizer's alone and may lie in memory that threads share, which ONNX Runtime does not take.
import { invariant } from '../../core/errors.ts';
import type { GradientSource, TrainingProgram } from '../graph/program.ts';
import { countElements, float32Tensor, type TensorData } from '../graph/tensor.ts';
import { type OptimizerOptions, stateNames } from '../optim/optimizer.ts';
import { countRowBlocks } from '../optim/parameter-updater.ts';
import { createRowSum, type RowSum } from '../optim/row-gradient.ts';

/** A tensor whose array is another one after each update: it has been in another thread meanwhile. */
export type MovingTensor = Omit<TensorData, 'data'> & { data: Float32Array };

export interface TrainedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly source: GradientSource;
  readonly tensor: MovingTensor;
  /** Sum of gradients over the batches of a step. */
  readonly gradient: { readonly dense: MovingTensor } | { readonly rows: RowSum };
  readonly state: readonly Float32Array[];
  /** See `UpdatedParameter`. */
  readonly reached: Uint8Array | null;
  /** D: the last axis. */
  readonly width: number;
  readonly decay: boolean;
}

/**
 * @param adopt  take the arrays of `weights` as they are where they have a buffer of their own
 * @param shared  state in memory that threads share
 */
export function createTrainedParameters(
  program: TrainingProgram,
  weights: ReadonlyMap<string, TensorData>,
  optimizer: OptimizerOptions,
  { adopt, shared }: { adopt: boolean; shared: boolean },
): readonly TrainedParameter[] {
  const Buffer = shared ? SharedArrayBuffer : ArrayBuffer;
  const allocate = createAllocator(Buffer);
  return program.parameters.map(({ name, shape, gradient: source }) => {
    const initial = weights.get(name);
    invariant(initial?.data instanceof Float32Array, `no initial weights for ${name}`);
    const size = countElements(shape);
    invariant(initial.data.length === size, `initial weights of ${name} have another size`);
    const ownBuffer = initial.data.byteLength === initial.data.buffer.byteLength;
    const width = shape.at(-1) ?? 1;
    const rowCount = size / width;
    const inRows = source.kind === 'rows';
    return {
      name,
      shape,
      source,
      tensor: float32Tensor(shape, adopt && ownBuffer ? initial.data : initial.data.slice()),
      gradient: inRows ? { rows: createRowSum(rowCount, width, allocate) } : { dense: float32Tensor(shape) },
      state: stateNames(optimizer).map(() => allocate(size)),
      reached: inRows ? new Uint8Array(new Buffer(countRowBlocks(rowCount, width))) : null,
      width,
      // Biases and norms (one axis) are not decayed, as Loshchilov and Hutter's users have settled on.
      decay: shape.length > 1,
    };
  });
}

/** A function of its own, so that what keeps the allocator does not keep the initial weights. */
function createAllocator(
  Buffer: typeof SharedArrayBuffer | typeof ArrayBuffer,
): (length: number) => Float32Array {
  return (length) => new Float32Array(new Buffer(length * Float32Array.BYTES_PER_ELEMENT));
}
