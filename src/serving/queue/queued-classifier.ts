// A classifier for many requests at once: it looks articles up in the cache and queues the others. Its model may be
// exchanged between two requests.
import { type Clock, systemClock } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import type { DetailedPrediction, ModelPool } from '../../judging/predict/index.ts';
import { type QueueMetrics, silentQueueMetrics } from '../metrics/index.ts';
import { ArticleQueue, type QueuedArticle, type QueuePool } from './article-queue.ts';
import type { PredictOptions, RequestPriority } from './predict-options.ts';
import { hashArticle, PredictionCache, SharedPrediction } from './prediction-cache.ts';

export interface QueueSettings {
  /** Expected wait in milliseconds from which on requests are refused. */
  readonly maxWaitMs: number;
  /** Padded tokens that run together on one thread; null: as suits the device. */
  readonly maxBatchTokens: number | null;
  /** How long a batch that is not full waits for requests that are being received. */
  readonly maxBatchWaitMs: number;
  /** Predictions in the cache; 0: no cache. */
  readonly cacheEntries: number;
}

export const defaultQueueSettings: QueueSettings = {
  maxWaitMs: 1000,
  maxBatchTokens: null,
  maxBatchWaitMs: 0,
  cacheEntries: 10_000,
};

export interface QueuedClassifierOptions extends Partial<QueueSettings> {
  /** The pool that predicts now. */
  readonly current: () => QueuePool & Pick<ModelPool, 'modelVersion' | 'device'>;
  readonly clock?: Clock;
  readonly metrics?: QueueMetrics;
}

/** A processor gains nothing from more (docs/lab-notes.md); a graphics card is idle with less. */
const BATCH_TOKENS_CPU = 256;
const BATCH_TOKENS_OTHERS = 16_384;

/** An article that is neither in the cache nor in progress. */
interface Miss {
  readonly key: string;
  /** Priority and key: a request does not wait for the turn of a file. */
  readonly slot: string;
  readonly shared: SharedPrediction;
  readonly queued: QueuedArticle;
}

export class QueuedClassifier {
  readonly #current: QueuedClassifierOptions['current'];
  readonly #metrics: QueueMetrics;
  readonly #queue: ArticleQueue;
  readonly #cache: PredictionCache | null;
  readonly #underWay = new Map<string, SharedPrediction>();

  constructor(options: QueuedClassifierOptions) {
    const { current, clock = systemClock, metrics = silentQueueMetrics } = options;
    const { maxBatchTokens, cacheEntries, ...settings } = { ...defaultQueueSettings, ...options };
    this.#current = current;
    this.#metrics = metrics;
    this.#queue = new ArticleQueue({
      ...settings,
      current,
      clock,
      metrics,
      maxBatchTokens: maxBatchTokens ?? (current().device === 'cpu' ? BATCH_TOKENS_CPU : BATCH_TOKENS_OTHERS),
    });
    this.#cache = cacheEntries > 0 ? new PredictionCache(cacheEntries) : null;
  }

  get info(): ModelFolder {
    return this.#current().info;
  }

  get modelVersion(): string {
    return this.#current().modelVersion;
  }

  /** @throws QUEUE_FULL, MODEL_FAILED, CLIENT_GONE, WORKER_LOST, ENGINE_FAILED */
  async predictDetailed(
    articles: readonly ArticleText[],
    options: PredictOptions = {},
  ): Promise<DetailedPrediction[]> {
    const { signal, priority = 'request', cached = true } = options;
    if (cached && this.#cache !== null)
      return Promise.all(this.#predictCached(articles, this.#cache, priority, signal));
    const queued = articles.map((article) => (signal === undefined ? { article } : { article, signal }));
    return Promise.all(this.#queue.submit(queued, priority));
  }

  /** Announces a request that is being received. @returns to be called when it was submitted or came to nothing */
  expect(): () => void {
    return this.#queue.expect();
  }

  /** Gives waiting articles to the pool that is current now. */
  refresh(): void {
    this.#queue.refresh();
  }

  /** @returns one promise an article, in their order. @throws QUEUE_FULL, MODEL_FAILED */
  #predictCached(
    articles: readonly ArticleText[],
    cache: PredictionCache,
    priority: RequestPriority,
    signal: AbortSignal | undefined,
  ): Promise<DetailedPrediction>[] {
    const version = this.modelVersion;
    const misses: Miss[] = [];
    const predictions = articles.map((article) => {
      const key = hashArticle(article, version);
      const found = cache.find(key);
      if (found !== undefined) {
        this.#metrics.countLookup('hit');
        return Promise.resolve(found);
      }
      const slot = `${priority} ${key}`;
      const underWay = this.#underWay.get(slot);
      this.#metrics.countLookup(underWay === undefined ? 'miss' : 'shared');
      if (underWay !== undefined) return underWay.join(signal);
      const shared = new SharedPrediction();
      this.#underWay.set(slot, shared);
      misses.push({ key, slot, shared, queued: { article, signal: shared.abandoned } });
      return shared.join(signal);
    });
    if (misses.length === 0) return predictions;
    try {
      this.#submit(misses, cache, priority, version);
    } catch (error) {
      for (const prediction of predictions) prediction.catch(() => {});
      throw error;
    }
    return predictions;
  }

  /** Queues what was not found and keeps it in the cache. @throws QUEUE_FULL, MODEL_FAILED */
  #submit(misses: readonly Miss[], cache: PredictionCache, priority: RequestPriority, version: string): void {
    let computed: Promise<DetailedPrediction>[];
    try {
      computed = this.#queue.submit(
        misses.map(({ queued }) => queued),
        priority,
      );
    } catch (error) {
      for (const miss of misses) {
        this.#forget(miss);
        miss.shared.follow(Promise.reject(error));
      }
      throw error;
    }
    misses.forEach((miss, row) => {
      miss.shared.abandoned.addEventListener('abort', () => this.#forget(miss), { once: true });
      miss.shared.follow(computed[row]!);
      computed[row]!.then(
        (detailed) => {
          this.#forget(miss);
          // after a switch of versions the new one may have predicted: the key names the old one
          if (detailed.prediction.modelVersion === version) cache.keep(miss.key, detailed);
        },
        () => this.#forget(miss),
      );
    });
  }

  #forget({ slot, shared }: Miss): void {
    if (this.#underWay.get(slot) === shared) this.#underWay.delete(slot);
  }
}
