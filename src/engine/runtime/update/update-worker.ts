// A thread that updates its share of the parameters. Their weights and gradients are moved to it for the time of an
// update (ONNX Runtime takes no arrays that threads share) and moved back, not copied.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../../foundation/core/index.ts';
import { serveWorker } from '../../../foundation/threads/index.ts';
import type { UpdateOptions } from '../../optim/index.ts';
import {
  createParameterUpdater,
  openKernelMemory,
  type ParameterUpdater,
  type UpdatedParameter,
} from '../../optim/index.ts';
import { listMovedBuffers, type MovedArrays, type ShareOfThread } from './update-moves.ts';

invariant(parentPort !== null, 'update-worker is a worker thread');
let updater: ParameterUpdater | null = null;
let kept: readonly Pick<UpdatedParameter, 'state' | 'reached' | 'width'>[] = [];
let moved: readonly MovedArrays[] = [];

function giveBack(): { result: readonly MovedArrays[]; transfer: ArrayBuffer[] } {
  const result = moved;
  moved = [];
  return { result, transfer: result.flatMap(listMovedBuffers) };
}

serveWorker(parentPort, {
  create: async (share: ShareOfThread) => {
    const memory = openKernelMemory(share.memory);
    updater = createParameterUpdater(share.optimizer, memory);
    // An array of the calling thread would be told from one in the memory: its buffer is another object here.
    kept = share.kept.map(({ state, ...rest }) => ({
      ...rest,
      state: state.map((array) =>
        'address' in array ? new Float32Array(memory.memory.buffer, array.address, array.length) : array,
      ),
    }));
    return { result: null };
  },
  sumSquares: async (arrays: readonly MovedArrays[]) => {
    moved = arrays;
    return { result: arrays.map(({ gradient }) => updater!.sumSquares(gradient)) };
  },
  update: async (updates: readonly UpdateOptions[]) => {
    for (const [i, arrays] of moved.entries()) updater!.update({ ...arrays, ...kept[i]! }, updates[i]!);
    return giveBack();
  },
  giveBack: async () => giveBack(),
});
