// The room's door: what other rooms may use.
export { type TrainOptions, train } from './library.ts';
export { runTraining, type TrainingOutcome } from './training.ts';
export { loadTrainingRequest } from './training-request.ts';
export type { FinishedTraining } from './training-results.ts';
