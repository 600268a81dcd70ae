// A shadow version predicts the same articles as the live version, after it, and only while a thread of the live version
// is free. Its predictions reach no client. Where the two disagree, the log names the prediction by its id, never the article.
import type { Logger } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction } from '../../judging/predict/index.ts';
import type { LiveMetrics } from '../metrics/index.ts';
import type { NamedPrediction } from './live-view.ts';
import type { LivePool } from './version-loading.ts';

export interface ShadowOptions {
  readonly pool: Pick<LivePool, 'predictDetailed' | 'modelVersion'>;
  /** The pool of the live version at the moment. */
  readonly live: () => Pick<LivePool, 'free' | 'modelVersion'>;
  readonly logger: Logger;
  readonly metrics: LiveMetrics;
}

/** Articles that may wait for the shadow's single thread; each is text in memory. */
const MAX_WAITING = 32;

export class Shadow {
  readonly #options: ShadowOptions;
  #waiting = 0;
  #compared = 0;
  #disagreed = 0;

  constructor(options: ShadowOptions) {
    this.#options = options;
  }

  /** Takes articles with the predictions that clients got, or drops them. Returns at once and never throws. */
  offer(articles: readonly ArticleText[], answers: readonly NamedPrediction[]): void {
    const { metrics, pool } = this.#options;
    const live = this.#options.live();
    // predictions of a canary are compared with nothing
    const rows = [...answers.keys()].filter(
      (row) => answers[row]!.prediction.modelVersion === live.modelVersion,
    );
    if (rows.length === 0) return;
    if (live.free() === 0 || this.#waiting + rows.length > MAX_WAITING) {
      metrics.countShadow('dropped', rows.length);
      return;
    }
    this.#waiting += rows.length;
    pool
      .predictDetailed(rows.map((row) => articles[row]!))
      .then(
        (predictions) => {
          rows.forEach((row, position) => {
            this.#compare(answers[row]!, predictions[position]!);
          });
        },
        () => metrics.countShadow('failed', rows.length),
      )
      .finally(() => {
        this.#waiting -= rows.length;
      });
  }

  counts(): { readonly compared: number; readonly disagreed: number } {
    return { compared: this.#compared, disagreed: this.#disagreed };
  }

  #compare(answer: NamedPrediction, second: DetailedPrediction): void {
    const { logger, metrics, pool } = this.#options;
    const { label, probability, abstained, modelVersion } = answer.prediction;
    const difference = Math.abs(probability - (second.prediction.probabilities[label] ?? 0));
    const agrees = label === second.prediction.label && abstained === second.prediction.abstained;
    this.#compared++;
    metrics.observeDifference(difference);
    metrics.countShadow(agrees ? 'agreed' : 'disagreed', 1);
    if (agrees) return;
    this.#disagreed++;
    logger.info(
      {
        predictionId: answer.predictionId,
        modelVersion,
        shadowVersion: pool.modelVersion,
        difference: Math.round(difference * 1e4) / 1e4,
      },
      'the shadow version disagrees',
    );
  }
}
