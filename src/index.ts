// Public API `veracity`. Judging alone: `veracity/predict`; a server: `veracity/serve`; the engine: `veracity/engine`.
export { type TrainOptions, train } from './commands/library.ts';
export type { TrainingOutcome } from './commands/training.ts';
export { loadTrainConfig } from './config/index.ts';
export { systemClock } from './core/clock.ts';
export { AppError, isAppError } from './core/errors.ts';
export { type Classifier, type Judgement, loadClassifier, type Prediction } from './predict/index.ts';
export { type Home, locateHome } from './records/home.ts';
export { createRegistry } from './registry/registry.ts';
export { type RunningServer, type ServerOptions, startServer } from './serve/index.ts';
export { createRunStore } from './track/run-store.ts';
