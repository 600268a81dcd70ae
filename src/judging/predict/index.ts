// The room's door: what other rooms may use.
export { assertArticlesHaveText, countNeededWords, refuseWithoutText } from './article-refusal.ts';
export { padBatch, planInferenceBatches } from './batch-plan.ts';
export type { Classifier, LoadClassifierOptions } from './classifier.ts';
export type { DetailedClassifier, DetailedPrediction } from './detailed-prediction.ts';
export { loadClassifier, loadModelInfo } from './load-classifier.ts';
export { createModelPool, type ModelPool, type ModelPoolOptions, openModelPool } from './model-pool.ts';
export { prepareThread } from './pool-worker.ts';
export { type ArticleRow, predictStream, type RowResult } from './predict-stream.ts';
export { checkReferencePredictions, saveReferencePredictions } from './reference-check.ts';
