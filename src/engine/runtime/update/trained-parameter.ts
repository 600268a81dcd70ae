// The arrays of trained parameters, in the memories of the threads that update them. ONNX Runtime reads the weights and
// writes the gradient in place, but accepts no shared memory. So if another thread than the calling one updates a
// parameter, only its state lies in that thread's memory; weights and gradient are moved to the thread and back.
import { invariant } from '../../../foundation/core/index.ts';
import type { GradientSource, ProgramParameter, TrainingProgram } from '../../graph/index.ts';
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
import { type SharedOutParameter, shareOut } from './update-shares.ts';

/** A tensor whose array object changes with each update: the array is moved to another thread and back. */
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

/** The parameters that one thread updates. */
export interface UpdateShare {
  readonly memory: ArrayMemory;
  readonly parameters: readonly TrainedParameter[];
}

export interface TrainedParameters {
  /** Parameters in the order of the program. */
  readonly all: readonly TrainedParameter[];
  /** Shares by thread, the calling thread first. */
  readonly shares: readonly UpdateShare[];
}

/**
 * @param adopt  take over the arrays of `weights` that own their buffer and belong to another thread
 * @param threads  that update them
 */
export function createTrainedParameters(
  program: TrainingProgram,
  weights: ReadonlyMap<string, TensorData>,
  optimizer: OptimizerOptions,
  { adopt, threads }: { adopt: boolean; threads: number },
): TrainedParameters {
  const sizes = program.parameters.map(({ shape, gradient }) => ({
    elements: countElements(shape),
    inRows: gradient.kind === 'rows',
  }));
  const threadOf = shareOut(sizes, threads);
  const states = stateNames(optimizer).length;
  const memories = Array.from({ length: threads }, (_, thread) => {
    const share = sizes.filter((_, i) => threadOf[i] === thread);
    return createShareMemory(share, states, thread);
  });
  const all = program.parameters.map((parameter, i): TrainedParameter => {
    const initial = weights.get(parameter.name)?.data;
    invariant(initial instanceof Float32Array, `no initial weights for ${parameter.name}`);
    const memory = memories[threadOf[i]!]!;
    const place: ParameterPlace = { memory, isMoved: threadOf[i] !== 0, adopt };
    return createTrainedParameter(parameter, initial, states, place);
  });
  const shares = memories.map((memory, thread) => ({
    memory,
    parameters: all.filter((_, i) => threadOf[i] === thread),
  }));
  return { all, shares };
}

/** Room for a thread's state arrays; on the calling thread (0) for weights and dense gradients as well. */
function createShareMemory(
  share: readonly SharedOutParameter[],
  states: number,
  thread: number,
): ArrayMemory {
  const bytes = share.reduce((sum, { elements, inRows }) => {
    const arrays = states + (thread === 0 ? (inRows ? 1 : 2) : 0);
    return sum + arrays * countArrayBytes(elements);
  }, 0);
  return createKernelMemory(bytes, thread > 0);
}

interface ParameterPlace {
  readonly memory: ArrayMemory;
  /** Whether another thread than the calling one updates the parameter. */
  readonly isMoved: boolean;
  readonly adopt: boolean;
}

function createTrainedParameter(
  { name, shape, gradient: source }: ProgramParameter,
  initial: Float32Array,
  states: number,
  { memory, isMoved, adopt }: ParameterPlace,
): TrainedParameter {
  const size = countElements(shape);
  invariant(initial.length === size, `initial weights of ${name} have another size`);
  const allocate = isMoved ? (length: number) => new Float32Array(length) : memory.allocate;
  const ownsBuffer = initial.byteLength === initial.buffer.byteLength;
  let data = initial;
  if (!isMoved || !adopt || !ownsBuffer) {
    data = allocate(size);
    data.set(initial);
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
    state: Array.from({ length: states }, () => memory.allocate(size)),
    reached: inRows ? new Uint8Array(new Shared(countRowBlocks(rowCount, width))) : null,
    width,
    decay: isDecayed(shape),
  };
}

/** A separate function, so that the allocator's closure does not keep the initial weights in memory. */
function createAllocator(
  Buffer: typeof SharedArrayBuffer | typeof ArrayBuffer,
): (length: number) => Float32Array {
  return (length) => new Float32Array(new Buffer(length * Float32Array.BYTES_PER_ELEMENT));
}
