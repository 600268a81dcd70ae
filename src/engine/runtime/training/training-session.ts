// A trainer in a worker thread: the main thread stays free for signals, progress and requests.

import { WorkerChannel } from '../../../foundation/threads/index.ts';
import type { TensorData } from '../../graph/index.ts';
import { TRAINING_WORKER } from './training-contract.ts';
import type { Trainer, TrainerOptions } from './training-step.ts';

/**
 * Starts the worker and compiles the program in it. With `adoptWeights` the weights' arrays are moved there and are empty
 * here afterwards.
 * @throws ENGINE_FAILED, STEP_INPUT_MISSING
 */
export async function createTrainingSession(options: TrainerOptions): Promise<Trainer> {
  const channel = new WorkerChannel(TRAINING_WORKER);
  const moved = options.adoptWeights === true ? listOwnBuffers(options.weights.values()) : [];
  try {
    await channel.call('create', options, moved);
  } catch (error) {
    await channel.close();
    throw error;
  }
  return {
    step: (batches, options) => channel.call('step', { batches, options }),
    computeLogits: (batch) => channel.call('computeLogits', batch),
    saveState: () => channel.call('saveState'),
    loadState: (state) => channel.call('loadState', state),
    endProfile: () => channel.call('endProfile'),
    dispose: async () => {
      await channel.call('dispose');
      await channel.close();
    },
  };
}

/** Buffers that one tensor alone lies in, wholly: Node.js shares some of its buffers among small reads. */
function listOwnBuffers(tensors: Iterable<TensorData>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of tensors) {
    if (data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength)
      buffers.add(data.buffer);
  }
  return [...buffers];
}
