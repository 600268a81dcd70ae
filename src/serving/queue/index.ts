// The room's door: what other rooms may use.

export { addArrivals } from './arrivals.ts';
export { createPredictOptions } from './client-disconnect.ts';
export type { PredictOptions } from './predict-options.ts';
export {
  createQueuedClassifier,
  type QueuedClassifier,
  type QueuedClassifierOptions,
  type QueueSettings,
} from './queued-classifier.ts';
export type { ServingClassifier } from './serving-classifier.ts';
