// What the training thread and its update threads hand each other.
import type { UpdatedParameter } from '../optim/parameter-updater.ts';
import type { RowGradient } from '../optim/row-gradient.ts';

/** What a thread keeps of a parameter: arrays in shared memory. */
export type KeptArrays = Pick<UpdatedParameter, 'state' | 'reached' | 'width'>;

/** What is moved to a thread and back, in the order of its parameters. */
export interface MovedArrays {
  readonly weights: Float32Array;
  readonly gradient: Float32Array | RowGradient;
}

/** The buffers that cross over with the arrays; rows lie in shared memory. */
export function listMovedBuffers({ weights, gradient }: MovedArrays): ArrayBuffer[] {
  return [weights, ...('rows' in gradient ? [] : [gradient])].map(({ buffer }) => buffer as ArrayBuffer);
}
