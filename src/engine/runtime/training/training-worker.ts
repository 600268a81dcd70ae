// The thread that training runs in.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../../foundation/core/index.ts';
import { moveWith, serveWorker } from '../../../foundation/threads/index.ts';
import { transferList } from '../session/index.ts';
import { createDeviceTrainer } from './device-trainer.ts';
import { createTrainer } from './trainer.ts';
import { TRAINING_WORKER } from './training-contract.ts';
import type { Trainer } from './training-step.ts';

let trainer: Trainer | null = null;

function current(): Trainer {
  invariant(trainer !== null, 'the trainer was not created');
  return trainer;
}

serveWorker(TRAINING_WORKER, parentPort, {
  create: async (options) => {
    trainer =
      options.device === 'webgpu'
        ? await createDeviceTrainer(options)
        : await createTrainer({ ...options, adoptWeights: true });
  },
  step: ({ batches, options }) => current().step(batches, options),
  computeLogits: (batch) => current().computeLogits(batch),
  saveState: async () => {
    const state = await current().saveState();
    return moveWith(state, transferList(state.values()));
  },
  loadState: async (state) => current().loadState(state),
  dispose: async () => trainer?.dispose(),
});
