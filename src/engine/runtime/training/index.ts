// The room's door: what other rooms may use.
export { createTrainingSession } from './training-session.ts';
export type {
  BatchRun,
  Trainer,
  TrainerOptions,
  TrainerStep,
  TrainingBatch,
  TrainingProfile,
} from './training-step.ts';
