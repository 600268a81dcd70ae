// The methods of a served model's thread.
import type { ArticleText } from '../../foundation/records/index.ts';
import { WorkerContract } from '../../foundation/threads/index.ts';
import type { LoadClassifierOptions } from './classifier.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';

export interface ClassifierMethods {
  load(request: { readonly folder: string; readonly options: LoadClassifierOptions }): void;
  predictDetailed(articles: readonly ArticleText[]): DetailedPrediction[];
  /** @returns [N, C] */
  computeLogits(articles: readonly ArticleText[]): Float32Array;
}

export const CLASSIFIER_WORKER = new WorkerContract<ClassifierMethods>(
  'judging/predict/classifier-worker.js',
);
