// The thread that training runs in.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../core/errors.ts';
import type { TensorData } from '../graph/tensor.ts';
import { transferList } from './inference-session.ts';
import {
  createTrainer,
  type TokenBatch,
  type Trainer,
  type TrainerOptions,
  type TrainingBatch,
} from './trainer.ts';
import { serveWorker } from './worker-channel.ts';

invariant(parentPort !== null, 'training-worker is a worker thread');
let trainer: Trainer | null = null;

function current(): Trainer {
  invariant(trainer !== null, 'the trainer was not created');
  return trainer;
}

serveWorker(parentPort, {
  create: async (options: TrainerOptions) => {
    trainer = await createTrainer(options);
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
    const state = current().saveState();
    return { result: state, transfer: transferList(state.values()) };
  },
  loadState: async (state: ReadonlyMap<string, TensorData>) => {
    current().loadState(state);
    return { result: null };
  },
  dispose: async () => {
    await trainer?.dispose();
    return { result: null };
  },
});
