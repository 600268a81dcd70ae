// The arrays of trained parameters, in the memories of the threads that update them. ONNX Runtime reads the weights and
// writes the gradient in place. It takes no arrays that threads share: where another thread than the calling one updates
// a parameter, state alone lies in that thread's memory; weights and gradient are moved over and back, and copied there.
import { invariant } from '../../../foundation/core/index.ts';
import type { GradientSource, TrainingProgram } from '../../graph/index.ts';
import { countElements, float32Tensor, type TensorData } from '../../graph/index.ts';
import {
  type ArrayMemory,
  countArrayBytes,
  countRowBlocks,
  createKernelMemory,
  createRowSum,
  isDecayed,
  type OptimizerOptions,
  type RowSum,
  stateNames,
} from '../../optim/index.ts';
import { shareOut } from './update-shares.ts';

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

/** What one thread updates. */
export interface UpdateShare {
  readonly memory: ArrayMemory;
  readonly parameters: readonly TrainedParameter[];
}

export interface TrainedParameters {
  /** As the program lists them. */
  readonly all: readonly TrainedParameter[];
  /** By thread, the calling one first. */
  readonly shares: readonly UpdateShare[];
}

/**
 * @param adopt  take the arrays of `weights` as they are where they have a buffer of their own and are to be moved
 * @param threads  that update them
 */
export function createTrainedParameters(
  program: TrainingProgram,
  weights: ReadonlyMap<string, TensorData>,
  optimizer: OptimizerOptions,
  { adopt, threads }: { adopt: boolean; threads: number },
): TrainedParameters {
  const described = program.parameters.map(({ shape, gradient }) => ({
    elements: countElements(shape),
    inRows: gradient.kind === 'rows',
  }));
  const threadOf = shareOut(described, threads);
  const states = stateNames(optimizer).length;
  const memories = Array.from({ length: threads }, (_, thread) => {
    const bytes = described.reduce((sum, { elements, inRows }, i) => {
      const arrays = states + (thread === 0 ? (inRows ? 1 : 2) : 0);
      return threadOf[i] === thread ? sum + arrays * countArrayBytes(elements) : sum;
    }, 0);
    return createKernelMemory(bytes, thread > 0);
  });
  const all = program.parameters.map(({ name, shape, gradient: source }, i): TrainedParameter => {
    const initial = weights.get(name);
    invariant(initial?.data instanceof Float32Array, `no initial weights for ${name}`);
    const size = countElements(shape);
    invariant(initial.data.length === size, `initial weights of ${name} have another size`);
    const memory = memories[threadOf[i]!]!;
    const isMoved = threadOf[i] !== 0;
    const allocate = isMoved ? (length: number) => new Float32Array(length) : memory.allocate;
    const ownBuffer = initial.data.byteLength === initial.data.buffer.byteLength;
    let data = initial.data;
    if (!isMoved || !adopt || !ownBuffer) {
      data = allocate(size);
      data.set(initial.data);
    }
    const width = shape.at(-1) ?? 1;
    const rowCount = size / width;
    const inRows = source.kind === 'rows';
    const Shared = isMoved ? SharedArrayBuffer : ArrayBuffer;
    return {
      name,
      shape,
      source,
      tensor: float32Tensor(shape, data),
      gradient: inRows
        ? { rows: createRowSum(rowCount, width, createAllocator(Shared)) }
        : { dense: float32Tensor(shape, allocate(size)) },
      state: stateNames(optimizer).map(() => memory.allocate(size)),
      reached: inRows ? new Uint8Array(new Shared(countRowBlocks(rowCount, width))) : null,
      width,
      decay: isDecayed(shape),
    };
  });
  const shares = memories.map((memory, thread) => ({
    memory,
    parameters: all.filter((_, i) => threadOf[i] === thread),
  }));
  return { all, shares };
}

/** A function of its own, so that what keeps the allocator does not keep the initial weights. */
function createAllocator(
  Buffer: typeof SharedArrayBuffer | typeof ArrayBuffer,
): (length: number) => Float32Array {
  return (length) => new Float32Array(new Buffer(length * Float32Array.BYTES_PER_ELEMENT));
}
