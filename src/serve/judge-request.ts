// Judging on behalf of a request: refuses when too much is under way, counts what was answered.
import { appError } from '../core/errors.ts';
import type { Judgement } from '../predict/judgement.ts';
import type { ArticleText } from '../records/article.ts';
import type { AppContext } from './app-context.ts';

/**
 * The judgements of one request's articles, in their order, and how long they took.
 * @throws SERVER_BUSY, INTERNAL_BUG
 */
export async function judgeRequest(
  context: AppContext,
  articles: readonly ArticleText[],
): Promise<{ judgements: Judgement[]; latencyMs: number }> {
  const { classifier, clock, limits, metrics } = context;
  const startMs = clock.monotonicMs();
  try {
    if (metrics.changeInFlight(1) > limits.maxInFlight)
      throw appError('SERVER_BUSY', { max: limits.maxInFlight });
    const judgements = await classifier.judge(articles).catch((cause: unknown) => {
      // whatever a loaded model fails with is our fault, never the client's
      context.health.failed = true;
      throw appError('INTERNAL_BUG', { what: 'the model failed on an article' }, { cause });
    });
    context.health.failed = false;
    const latencyMs = clock.monotonicMs() - startMs;
    metrics.countPredictions(
      judgements.map((judgement) => judgement.prediction),
      latencyMs / 1000,
    );
    return { judgements, latencyMs: Math.round(latencyMs * 100) / 100 };
  } finally {
    metrics.changeInFlight(-1);
  }
}
