// The methods of the training thread.
import { WorkerContract } from '../../../foundation/threads/index.ts';
import type { TensorData } from '../../graph/index.ts';
import type { StepOptions, TokenBatch, TrainerOptions, TrainerStep, TrainingBatch } from './training-step.ts';

export interface TrainingMethods {
  create(options: TrainerOptions): void;
  step(request: { readonly batches: readonly TrainingBatch[]; readonly options: StepOptions }): TrainerStep;
  computeLogits(batch: TokenBatch): Float32Array;
  saveState(): ReadonlyMap<string, TensorData>;
  loadState(state: ReadonlyMap<string, TensorData>): void;
  endProfile(): void;
  dispose(): void;
}

export const TRAINING_WORKER = new WorkerContract<TrainingMethods>(
  'engine/runtime/training/training-worker.js',
);
