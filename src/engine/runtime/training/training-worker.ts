// The thread that training runs in.
import { parentPort } from 'node:worker_threads';
import { invariant, writeFileAtomic } from '../../../foundation/core/index.ts';
import { moveWith, serveWorker } from '../../../foundation/threads/index.ts';
import { startFunctionProfile } from '../../profiling/index.ts';
import { transferList } from '../session/index.ts';
import { createDeviceTrainer } from './device-trainer.ts';
import { createTrainer } from './trainer.ts';
import { TRAINING_WORKER } from './training-contract.ts';
import type { Trainer } from './training-step.ts';

let trainer: Trainer | null = null;
/** Ends the profile by function and writes it; null: there is none. */
let writeFunctions: (() => Promise<void>) | null = null;

function current(): Trainer {
  invariant(trainer !== null, 'the trainer was not created');
  return trainer;
}

serveWorker(TRAINING_WORKER, parentPort, {
  create: async (options) => {
    const { functionsPath } = options.profile ?? {};
    if (functionsPath !== undefined) {
      const end = await startFunctionProfile();
      writeFunctions = async () => writeFileAtomic(functionsPath, JSON.stringify(await end()));
    }
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
  endProfile: async () => {
    await current().endProfile();
    await writeFunctions?.();
    writeFunctions = null;
  },
  dispose: async () => trainer?.dispose(),
});
