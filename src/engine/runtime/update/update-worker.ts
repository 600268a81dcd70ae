// A thread that updates its share of the parameters. Their weights and gradients are moved to it for an update and moved
// back, because ONNX Runtime accepts no shared memory.
import { parentPort } from 'node:worker_threads';
import { moveWith, serveWorker, type WorkerAnswer } from '../../../foundation/threads/index.ts';
import {
  createParameterUpdater,
  openKernelMemory,
  type ParameterUpdater,
  type UpdatedParameter,
} from '../../optim/index.ts';
import { listMovedBuffers, type MovedArrays, UPDATE_WORKER } from './update-contract.ts';

let updater: ParameterUpdater | null = null;
let kept: readonly Pick<UpdatedParameter, 'state' | 'reached' | 'width'>[] = [];
let moved: readonly MovedArrays[] = [];

function giveBack(): WorkerAnswer<readonly MovedArrays[]> {
  const arrays = moved;
  moved = [];
  return moveWith(arrays, arrays.flatMap(listMovedBuffers));
}

serveWorker(UPDATE_WORKER, parentPort, {
  create: (share) => {
    const memory = openKernelMemory(share.memory);
    updater = createParameterUpdater(share.optimizer, memory);
    // The arrays must view this thread's own object of the shared memory: the kernel compares buffers.
    kept = share.kept.map(({ state, ...rest }) => ({
      ...rest,
      state: state.map((array) =>
        'address' in array ? new Float32Array(memory.memory.buffer, array.address, array.length) : array,
      ),
    }));
  },
  sumSquares: (arrays) => {
    moved = arrays;
    return arrays.map(({ gradient }) => updater!.sumSquares(gradient));
  },
  update: (updates) => {
    for (const [i, arrays] of moved.entries()) updater!.update({ ...arrays, ...kept[i]! }, updates[i]!);
    return giveBack();
  },
  giveBack,
});
