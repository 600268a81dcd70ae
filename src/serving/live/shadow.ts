// A second opinion that counts for nothing: after the live version has answered, the shadow version is asked the same,
// if nobody waits for a thread meanwhile. Where the two disagree the log names the answer by its id, never its article.
import type { Logger } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { LiveMetrics } from '../metrics/index.ts';
import type { NamedPrediction } from './live-view.ts';
import type { LivePool } from './version-loading.ts';

export interface Shadow {
  /** Takes some articles and what was answered, or drops them; waits for nothing and throws nothing. */
  offer(articles: readonly ArticleText[], answers: readonly NamedPrediction[]): void;
  counts(): { readonly compared: number; readonly disagreed: number };
}

export interface ShadowOptions {
  readonly pool: Pick<LivePool, 'predictDetailed' | 'modelVersion'>;
  readonly live: () => Pick<LivePool, 'free' | 'modelVersion'>;
  readonly logger: Logger;
  readonly metrics: LiveMetrics;
}

/** Articles that may wait for the shadow; it is one thread, and each is text in memory. */
const MAX_WAITING = 32;

export function createShadow({ pool, live, logger, metrics }: ShadowOptions): Shadow {
  let waiting = 0;
  let compared = 0;
  let disagreed = 0;

  const compare = (answer: NamedPrediction, second: DetailedPrediction): void => {
    const { label, probability, abstained, modelVersion } = answer.prediction;
    const difference = Math.abs(probability - (second.prediction.probabilities[label] ?? 0));
    const agrees = label === second.prediction.label && abstained === second.prediction.abstained;
    compared++;
    metrics.observeDifference(difference);
    metrics.countShadow(agrees ? 'agreed' : 'disagreed', 1);
    if (agrees) return;
    disagreed++;
    logger.info(
      {
        predictionId: answer.predictionId,
        modelVersion,
        shadowVersion: pool.modelVersion,
        difference: Math.round(difference * 1e4) / 1e4,
      },
      'the shadow version disagrees',
    );
  };

  return {
    offer: (articles, answers) => {
      const { modelVersion, free } = live();
      // a canary's answers are compared with nothing
      const rows = [...answers.keys()].filter(
        (row) => answers[row]!.prediction.modelVersion === modelVersion,
      );
      if (rows.length === 0) return;
      if (free() === 0 || waiting + rows.length > MAX_WAITING)
        return metrics.countShadow('dropped', rows.length);
      waiting += rows.length;
      pool
        .predictDetailed(rows.map((row) => articles[row]!))
        .then(
          (seconds) => {
            rows.forEach((row, place) => {
              compare(answers[row]!, seconds[place]!);
            });
          },
          () => metrics.countShadow('failed', rows.length),
        )
        .finally(() => {
          waiting -= rows.length;
        });
    },
    counts: () => ({ compared, disagreed }),
  };
}
