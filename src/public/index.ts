// Public API `veracity`. Prediction alone is `veracity/predict`; a server is `veracity/serve`; the engine is
// `veracity/engine`.

export { AppError, isAppError, systemClock } from '../foundation/core/index.ts';
export { type Home, locateHome } from '../foundation/records/index.ts';
export { createFileModelRegistry as createRegistry } from '../keeping/registry/index.ts';
export { createFileRunStore as createRunStore } from '../keeping/runs/index.ts';
export { loadTrainConfig } from '../workflows/configuration/index.ts';
export type { TrainingOutcome } from '../workflows/train/index.ts';
export { type TrainOptions, train } from '../workflows/train/index.ts';
export {
  type Classifier,
  type DetailedPrediction,
  formatWarning,
  loadClassifier,
  type Prediction,
} from './predict.ts';
export { type RunningServer, type ServerOptions, startServer } from './serve.ts';
