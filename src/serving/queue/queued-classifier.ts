// What the routes ask: kept answers first, then the queue. It stands where a classifier would, and its model may be
// exchanged between requests.
import type { Clock } from '../../foundation/core/index.ts';
import { systemClock } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction, ModelPool } from '../../judging/predict/index.ts';
import { type QueueMetrics, silentQueueMetrics } from '../metrics/index.ts';
import { createArticleQueue, type QueuedArticle, type QueuePool } from './article-queue.ts';
import type { PredictOptions } from './predict-options.ts';
import {
  createPredictionCache,
  createSharedPrediction,
  hashArticle,
  type SharedPrediction,
} from './prediction-cache.ts';
import type { ServingClassifier } from './serving-classifier.ts';

export interface QueueSettings {
  /** Expected wait in milliseconds from which on requests are refused. */
  readonly maxWaitMs: number;
  /** Padded tokens that run together on one thread; null: as suits the device. */
  readonly maxBatchTokens: number | null;
  /** How long a part that is not full waits for articles that are being received. */
  readonly maxBatchWaitMs: number;
  /** Kept answers; 0: none. */
  readonly cacheEntries: number;
}

export const defaultQueueSettings: QueueSettings = {
  maxWaitMs: 1000,
  maxBatchTokens: null,
  maxBatchWaitMs: 0,
  cacheEntries: 10_000,
};

export interface QueuedClassifierOptions extends Partial<QueueSettings> {
  /** The pool that answers now. */
  readonly current: () => QueuePool & Pick<ModelPool, 'modelVersion' | 'device'>;
  readonly clock?: Clock;
  readonly metrics?: QueueMetrics;
}

export interface QueuedClassifier extends ServingClassifier {
  predictDetailed(articles: readonly ArticleText[], options?: PredictOptions): Promise<DetailedPrediction[]>;
  /** Says that a request is being received; call the result when it was judged, or came to nothing. */
  expect(): () => void;
  /** Call it when current() is another pool, so that what waits goes there. */
  refresh(): void;
}

/** A processor gains nothing from more (docs/lab-notes.md); a graphics card is idle with less. */
const BATCH_TOKENS_CPU = 256;
const BATCH_TOKENS_OTHERS = 16_384;

export function createQueuedClassifier(options: QueuedClassifierOptions): QueuedClassifier {
  const { current, clock = systemClock, metrics = silentQueueMetrics } = options;
  const settings = { ...defaultQueueSettings, ...options };
  const { maxBatchTokens, cacheEntries } = settings;
  const queue = createArticleQueue({
    ...settings,
    current,
    clock,
    metrics,
    maxBatchTokens: maxBatchTokens ?? (current().device === 'cpu' ? BATCH_TOKENS_CPU : BATCH_TOKENS_OTHERS),
  });
  const cache = createPredictionCache(cacheEntries);
  const underWay = new Map<string, SharedPrediction>();

  const predictCached = (
    articles: readonly ArticleText[],
    options: PredictOptions,
  ): Promise<DetailedPrediction>[] => {
    const { signal, priority = 'request' } = options;
    const version = current().modelVersion;
    const misses: { key: string; slot: string; shared: SharedPrediction; queued: QueuedArticle }[] = [];
    const answers = articles.map((article) => {
      const key = hashArticle(article, version);
      const kept = cache.find(key);
      if (kept !== undefined) {
        metrics.countLookup('hit');
        return Promise.resolve(kept);
      }
      const slot = `${priority} ${key}`; // a person does not wait for a file's turn
      const found = underWay.get(slot);
      metrics.countLookup(found === undefined ? 'miss' : 'shared');
      const shared = found ?? createSharedPrediction();
      if (found === undefined) {
        underWay.set(slot, shared);
        misses.push({ key, slot, shared, queued: { article, signal: shared.gone } });
      }
      return shared.join(signal);
    });
    const forget = ({ slot, shared }: { slot: string; shared: SharedPrediction }): void => {
      if (underWay.get(slot) === shared) underWay.delete(slot);
    };
    let computed: Promise<DetailedPrediction>[];
    try {
      computed =
        misses.length === 0
          ? []
          : queue.submit(
              misses.map(({ queued }) => queued),
              priority,
            );
    } catch (error) {
      for (const answer of answers) answer.catch(() => {});
      for (const miss of misses) {
        forget(miss);
        miss.shared.follow(Promise.reject(error));
      }
      throw error;
    }
    misses.forEach((miss, row) => {
      miss.shared.gone.addEventListener('abort', () => forget(miss), { once: true });
      miss.shared.follow(computed[row]!);
      computed[row]!.then(
        (detailed) => {
          forget(miss);
          // a version that took over meanwhile answered for itself
          if (detailed.prediction.modelVersion === version) cache.keep(miss.key, detailed);
        },
        () => forget(miss),
      );
    });
    return answers;
  };

  return {
    get info() {
      return current().info;
    },
    get modelVersion() {
      return current().modelVersion;
    },
    predictDetailed: async (articles, options = {}) => {
      const { signal, priority = 'request', cached = true } = options;
      const answers =
        cached && cacheEntries > 0
          ? predictCached(articles, options)
          : queue.submit(
              articles.map((article) => (signal === undefined ? { article } : { article, signal })),
              priority,
            );
      return Promise.all(answers);
    },
    expect: () => queue.expect(),
    refresh: () => queue.refresh(),
  };
}
