// A thread that updates its share of the parameters. Their weights and gradients are moved to it for the time of an
// update (ONNX Runtime takes no arrays that threads share) and moved back, not copied.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../core/errors.ts';
import type { OptimizerOptions, UpdateOptions } from '../optim/optimizer.ts';
import { createParameterUpdater, type ParameterUpdater } from '../optim/parameter-updater.ts';
import { type KeptArrays, listMovedBuffers, type MovedArrays } from './update-moves.ts';
import { serveWorker } from './worker-channel.ts';

invariant(parentPort !== null, 'update-worker is a worker thread');
let updater: ParameterUpdater | null = null;
let kept: readonly KeptArrays[] = [];
let moved: readonly MovedArrays[] = [];

function giveBack(): { result: readonly MovedArrays[]; transfer: ArrayBuffer[] } {
  const result = moved;
  moved = [];
  return { result, transfer: result.flatMap(listMovedBuffers) };
}

serveWorker(parentPort, {
  create: async (options: { optimizer: OptimizerOptions; kept: readonly KeptArrays[] }) => {
    updater = createParameterUpdater(options.optimizer);
    kept = options.kept;
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
