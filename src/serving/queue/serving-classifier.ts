// What the routes need of a model, whether it is one pool of worker threads or several versions of a rollout.
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import type { DetailedClassifier, DetailedPrediction } from '../../judging/predict/index.ts';
import type { PredictOptions } from './predict-options.ts';

/** What the routes need of a model. `info` and `modelVersion` may change between requests: read them when answering. */
export interface ServingClassifier extends Pick<DetailedClassifier, 'info' | 'modelVersion'> {
  /** The facts of a version that answered lately; undefined: an unknown one. */
  findInfo?(modelVersion: string): ModelFolder | undefined;
  predictDetailed(articles: readonly ArticleText[], options?: PredictOptions): Promise<DetailedPrediction[]>;
}
