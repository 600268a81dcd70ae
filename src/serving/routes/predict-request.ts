// Predictions for one HTTP request: refused when too many requests are in progress, counted, their failures translated.
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import { assertArticlesHaveText, type DetailedPrediction } from '../../judging/predict/index.ts';
import type { ServingClassifier } from '../live/index.ts';
import type { PredictOptions } from '../queue/index.ts';
import type { AppContext } from './app-context.ts';

/** Codes of failures that are no fault of the model. */
const PASSED_ON = new Set<string>(['QUEUE_FULL', 'CLIENT_GONE', 'WORKER_LOST', 'MODEL_FAILED']);

/**
 * The predictions of one request's articles, in their order, and how long they took.
 * @throws SERVER_BUSY, QUEUE_FULL, CLIENT_GONE, WORKER_LOST, MODEL_FAILED, INTERNAL_BUG
 */
export async function predictForRequest(
  context: AppContext,
  articles: readonly ArticleText[],
  options: PredictOptions = {},
): Promise<{ predictions: DetailedPrediction[]; latencyMs: number }> {
  const { classifier, clock, limits, metrics } = context;
  const startMs = clock.monotonicMs();
  try {
    if (metrics.changeInFlight(1) > limits.maxInFlight)
      throw appError('SERVER_BUSY', { max: limits.maxInFlight });
    const predictions = await predictSafely(classifier, articles, options, context.health);
    const latencyMs = clock.monotonicMs() - startMs;
    metrics.countPredictions(
      predictions.map((detailed) => detailed.prediction),
      latencyMs / 1000,
    );
    return { predictions, latencyMs: Math.round(latencyMs * 100) / 100 };
  } finally {
    metrics.changeInFlight(-1);
  }
}

/**
 * The same for a route that refuses articles without a text.
 * @param pathOf  the path of an article in the request's body
 * @throws ARTICLE_TEXT_MISSING, and what predictForRequest throws
 */
export async function predictTexts(
  context: AppContext,
  articles: readonly ArticleText[],
  options: PredictOptions = {},
  pathOf?: (index: number) => string,
): ReturnType<typeof predictForRequest> {
  assertArticlesHaveText(articles, context.classifier.info, pathOf);
  return predictForRequest(context, articles, options);
}

/** Passes on what is no fault of the model. Any other failure of a loaded model is a bug of ours, never the client's. */
async function predictSafely(
  classifier: ServingClassifier,
  articles: readonly ArticleText[],
  options: PredictOptions,
  health: AppContext['health'],
): Promise<DetailedPrediction[]> {
  try {
    const predictions = await classifier.predictDetailed(articles, options);
    health.failed = false;
    return predictions;
  } catch (cause) {
    if (isAppError(cause) && PASSED_ON.has(cause.code)) throw cause;
    health.failed = true;
    throw appError('INTERNAL_BUG', { what: 'the model failed on an article' }, { cause });
  }
}
