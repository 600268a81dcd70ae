// The methods of an update thread, and the arrays that cross between it and the training thread.
import { WorkerContract } from '../../../foundation/threads/index.ts';
import type {
  OptimizerOptions,
  RowGradient,
  UpdatedParameter,
  UpdateOptions,
  WasmMemory,
} from '../../optim/index.ts';

/** The data of a parameter that a thread keeps. State in the thread's memory is given by its address there. */
export interface KeptArrays extends Pick<UpdatedParameter, 'reached' | 'width'> {
  readonly state: readonly (Float32Array | { readonly address: number; readonly length: number })[];
}

/** The data that a thread receives once. */
export interface ShareOfThread {
  readonly optimizer: OptimizerOptions;
  /** Shared with the calling thread, which reads state there. */
  readonly memory: WasmMemory;
  readonly kept: readonly KeptArrays[];
}

/** The arrays that are moved to a thread and back, in the order of its parameters. */
export interface MovedArrays {
  readonly weights: Float32Array;
  readonly gradient: Float32Array | RowGradient;
}

export interface UpdateMethods {
  create(share: ShareOfThread): void;
  /** The squares of each parameter's gradient, summed. The arrays stay with the thread. */
  sumSquares(arrays: readonly MovedArrays[]): readonly number[];
  /** Updates the arrays that the thread has, and moves them back. */
  update(updates: readonly UpdateOptions[]): readonly MovedArrays[];
  /** Moves the arrays back as they are. */
  giveBack(): readonly MovedArrays[];
}

export const UPDATE_WORKER = new WorkerContract<UpdateMethods>('engine/runtime/update/update-worker.js');

/** The buffers that cross over with the arrays; rows lie in shared memory. */
export function listMovedBuffers({ weights, gradient }: MovedArrays): ArrayBuffer[] {
  return [weights, ...('rows' in gradient ? [] : [gradient])].map(({ buffer }) => buffer as ArrayBuffer);
}
