// The room's door: what other rooms may use.

export { addArrivals } from './arrivals.ts';
export { createPredictOptions } from './client-disconnect.ts';
export type { PredictOptions } from './predict-options.ts';
export { QueuedClassifier, type QueuedClassifierOptions, type QueueSettings } from './queued-classifier.ts';
