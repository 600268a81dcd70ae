// QueuedClassifier on behalf of a request: refuses when too much is under way, counts what was answered.
import { appError, isAppError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { PredictOptions } from '../queue/index.ts';
import type { AppContext } from './app-context.ts';

/** What waiting for the model ends with where the model itself made no mistake. */
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
    const predictions = await classifier.predictDetailed(articles, options).catch((cause: unknown) => {
      if (isAppError(cause) && PASSED_ON.has(cause.code)) throw cause;
      // whatever a loaded model fails with is our fault, never the client's
      context.health.failed = true;
      throw appError('INTERNAL_BUG', { what: 'the model failed on an article' }, { cause });
    });
    context.health.failed = false;
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
