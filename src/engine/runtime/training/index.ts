// The room's door: what other rooms may use.
export type { TrainerOptions, TrainerStep, TrainingBatch } from './trainer.ts';
export { createTrainingSession, type TrainingSession } from './training-session.ts';
