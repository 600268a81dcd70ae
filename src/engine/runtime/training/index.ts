// The room's door: what other rooms may use.
export { createTrainingSession } from './training-session.ts';
export type { Trainer, TrainerOptions, TrainerStep, TrainingBatch } from './training-step.ts';
