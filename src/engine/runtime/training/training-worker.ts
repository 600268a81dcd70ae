// The thread that training runs in.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../../foundation/core/index.ts';
import { serveWorker } from '../../../foundation/threads/index.ts';
import type { TensorData } from '../../graph/index.ts';
import { transferList } from '../session/index.ts';
import { createDeviceTrainer, type DeviceTrainer } from './device-trainer.ts';
import {
  createTrainer,
  type TokenBatch,
  type Trainer,
  type TrainerOptions,
  type TrainingBatch,
} from './trainer.ts';

invariant(parentPort !== null, 'training-worker is a worker thread');
let trainer: Trainer | DeviceTrainer | null = null;

function current(): Trainer | DeviceTrainer {
  invariant(trainer !== null, 'the trainer was not created');
  return trainer;
}

serveWorker(parentPort, {
  create: async (options: TrainerOptions) => {
    trainer =
      options.device === 'webgpu'
        ? await createDeviceTrainer(options)
        : await createTrainer({ ...options, adoptWeights: true });
    return { result: null };
  },
  step: async ({
    batches,
    stepOptions,
  }: {
    batches: readonly TrainingBatch[];
    stepOptions: { step: number; learningRate: number };
  }) => ({
    result: await current().step(batches, stepOptions),
  }),
  computeLogits: async (batch: TokenBatch) => {
    const logits = await current().computeLogits(batch);
    return { result: logits };
  },
  saveState: async () => {
    const state = await current().saveState();
    return { result: state, transfer: transferList(state.values()) };
  },
  loadState: async (state: ReadonlyMap<string, TensorData>) => {
    await current().loadState(state);
    return { result: null };
  },
  dispose: async () => {
    await trainer?.dispose();
    return { result: null };
  },
});
