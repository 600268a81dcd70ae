// Articles that wait for a pool of threads. Whenever a thread is free, it gets the next batch; an article that arrives
// while a thread is free starts at once. The queue asks for the pool before each batch, so a new model version takes over
// between two batches: waiting articles go to the new version, running batches end on the old one.
import type { Clock } from '../../foundation/core/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction, ModelPool } from '../../judging/predict/index.ts';
import type { QueueMetrics } from '../metrics/index.ts';
import { type Admission, createAdmission } from './admission.ts';
import { chooseBatch } from './batch-choice.ts';
import type { RequestPriority } from './predict-options.ts';
import { createWorkRate, type WorkRate } from './work-rate.ts';

/** What the queue needs of a pool. */
export type QueuePool = Pick<ModelPool, 'info' | 'workers' | 'free' | 'isBroken' | 'onChange' | 'run'>;

export interface QueueOptions {
  /** The pool that predicts now; call refresh() after it has changed. */
  readonly current: () => QueuePool;
  readonly clock: Clock;
  readonly metrics: QueueMetrics;
  /** Expected wait from which on requests are refused. */
  readonly maxWaitMs: number;
  /** Padded tokens in one batch. */
  readonly maxBatchTokens: number;
  /** How long a batch that is not full may wait for requests that are being received. */
  readonly maxBatchWaitMs: number;
}

export interface QueuedArticle {
  readonly article: ArticleText;
  /** Aborted when no client waits for the article any more. */
  readonly signal?: AbortSignal;
}

interface WaitingArticle extends QueuedArticle {
  readonly tokens: number;
  /** Turn: the lowest is next. */
  readonly tag: number;
  readonly arrivedMs: number;
  readonly resolve: (prediction: DetailedPrediction) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to the signal. */
  readonly stopListening: () => void;
}

interface RunningBatch {
  readonly startMs: number;
  readonly expectedMs: number;
}

/** Weight of a file's article: while requests wait too, a file gets this many times less of a thread. */
const BACKGROUND_WEIGHT = 4;

export class ArticleQueue {
  readonly #options: QueueOptions;
  readonly #rate: WorkRate;
  readonly #admission: Admission;
  /** Sorted by tag; of equal tags the first to arrive comes first. */
  readonly #waiting: WaitingArticle[] = [];
  readonly #running = new Set<RunningBatch>();
  /** Tag of the batch that started last. */
  #turn = 0;
  /** Requests that are being received. */
  #expected = 0;
  #watched: { readonly pool: QueuePool; readonly unwatch: () => void } | null = null;
  /** Dispatches again when a batch that is not full has waited long enough. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#rate = createWorkRate(() => options.current().info.maxTokens);
    this.#admission = createAdmission(options.maxWaitMs);
  }

  /** Number of waiting articles. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Queues the articles of one request: all of them or none.
   * @returns one promise an article, in their order. A promise rejects with CLIENT_GONE when its signal is aborted before
   * its turn, and as ModelPool.run does.
   * @throws QUEUE_FULL, MODEL_FAILED
   */
  submit(articles: readonly QueuedArticle[], priority: RequestPriority): Promise<DetailedPrediction>[] {
    const pool = this.#watchPool();
    if (pool.isBroken()) throw appError('MODEL_FAILED');
    const tokens = articles.map(({ article }) => this.#rate.estimateTokens(article));
    const weight = priority === 'background' ? BACKGROUND_WEIGHT : 1;
    let tag = this.#turn;
    const tags = tokens.map((count) => {
      tag += count * weight;
      return tag;
    });
    if (priority === 'request') this.#admit(tokens, tag, pool);
    const predictions = articles.map((queued, row) => this.#enter(queued, tokens[row]!, tags[row]!));
    this.#dispatch();
    return predictions;
  }

  /** Announces a request that is being received. @returns to be called when it was submitted or came to nothing */
  expect(): () => void {
    let isExpected = true;
    this.#expected++;
    return () => {
      if (!isExpected) return;
      isExpected = false;
      this.#expected--;
      if (this.#expected === 0 && this.#timer !== undefined) this.#dispatch();
    };
  }

  /** Gives waiting articles to the pool that is current now. */
  refresh(): void {
    this.#dispatch();
  }

  #watchPool(): QueuePool {
    const pool = this.#options.current();
    if (pool !== this.#watched?.pool) {
      this.#watched?.unwatch();
      this.#watched = { pool, unwatch: pool.onChange(() => this.#dispatch()) };
    }
    return pool;
  }

  /** @throws QUEUE_FULL when the request would wait too long */
  #admit(tokens: readonly number[], lastTag: number, pool: QueuePool): void {
    const { clock, metrics } = this.#options;
    const waitMs = this.#expectWaitMs(lastTag, pool);
    const { admitted, budgetMs } = this.#admission.decide({
      nowMs: clock.monotonicMs(),
      waitMs,
      workMs: tokens.reduce((sum, count) => sum + this.#rate.estimateMs(count), 0),
      workers: pool.workers,
      longestMs: this.#rate.estimateMs(pool.info.maxTokens),
    });
    if (admitted) return;
    metrics.countShed();
    throw appError('QUEUE_FULL', {
      budgetMs: Math.round(budgetMs),
      waitMs: Math.round(waitMs),
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }

  /** Work that runs now or has its turn before `lastTag`, divided among the threads. */
  #expectWaitMs(lastTag: number, pool: QueuePool): number {
    if (this.#waiting.length === 0 && pool.free() > 0) return 0;
    const nowMs = this.#options.clock.monotonicMs();
    let workMs = 0;
    for (const { startMs, expectedMs } of this.#running)
      workMs += Math.max(0, expectedMs - (nowMs - startMs));
    for (const { tag, tokens } of this.#waiting) {
      if (tag > lastTag) break;
      workMs += this.#rate.estimateMs(tokens);
    }
    return workMs / pool.workers;
  }

  #enter(queued: QueuedArticle, tokens: number, tag: number): Promise<DetailedPrediction> {
    return new Promise((resolve, reject) => {
      const { signal } = queued;
      const drop = (): void => this.#drop(waiting);
      const waiting: WaitingArticle = {
        ...queued,
        tokens,
        tag,
        arrivedMs: this.#options.clock.monotonicMs(),
        resolve,
        reject,
        stopListening: () => signal?.removeEventListener('abort', drop),
      };
      signal?.addEventListener('abort', drop, { once: true });
      let row = this.#waiting.length;
      while (row > 0 && this.#waiting[row - 1]!.tag > tag) row--;
      this.#waiting.splice(row, 0, waiting);
      if (signal?.aborted === true) drop();
    });
  }

  /** Takes an article out whose client has disconnected; one that runs already is left alone. */
  #drop(article: WaitingArticle): void {
    const row = this.#waiting.indexOf(article);
    if (row === -1) return;
    this.#waiting.splice(row, 1);
    this.#options.metrics.countDropped();
    this.#options.metrics.setWaiting(this.#waiting.length);
    article.reject(appError('CLIENT_GONE'));
  }

  /** Starts batches as long as threads are free. */
  #dispatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pool = this.#watchPool();
    if (pool.isBroken()) this.#rejectAll();
    while (this.#waiting.length > 0 && pool.free() > 0) {
      const totalTokens = this.#waiting.reduce((sum, { tokens }) => sum + tokens, 0);
      if (this.#waitsForMore(totalTokens)) break;
      // several free threads share the waiting articles, rather than one thread taking them all
      const share = Math.min(this.#options.maxBatchTokens, Math.ceil(totalTokens / pool.free()));
      const rows = chooseBatch(this.#waiting, share);
      const batch = rows.map((row) => this.#waiting[row]!);
      for (const row of rows.toReversed()) this.#waiting.splice(row, 1);
      void this.#run(batch, pool);
    }
    this.#options.metrics.setWaiting(this.#waiting.length);
  }

  #rejectAll(): void {
    for (const article of this.#waiting.splice(0)) {
      article.stopListening();
      article.reject(appError('MODEL_FAILED'));
    }
  }

  /** Is a request being received that should join the batch? Then the queue is dispatched again later. */
  #waitsForMore(totalTokens: number): boolean {
    const { clock, maxBatchTokens, maxBatchWaitMs } = this.#options;
    if (maxBatchWaitMs === 0 || this.#expected === 0 || totalTokens >= maxBatchTokens) return false;
    const oldestMs = Math.min(...this.#waiting.map(({ arrivedMs }) => arrivedMs));
    const leftMs = oldestMs + maxBatchWaitMs - clock.monotonicMs();
    if (leftMs <= 0) return false;
    this.#timer = setTimeout(() => this.#dispatch(), leftMs);
    return true;
  }

  async #run(batch: readonly WaitingArticle[], pool: QueuePool): Promise<void> {
    const { clock, metrics } = this.#options;
    const startMs = clock.monotonicMs();
    const estimatedTokens = batch.reduce((sum, { tokens }) => sum + tokens, 0);
    const running = { startMs, expectedMs: this.#rate.estimateMs(estimatedTokens) };
    this.#running.add(running);
    this.#turn = Math.max(this.#turn, batch[0]!.tag);
    for (const article of batch) {
      article.stopListening();
      metrics.observeWait((startMs - article.arrivedMs) / 1000);
    }
    metrics.observeBatch(batch.length);
    try {
      const predictions = await pool.run(batch.map(({ article }) => article));
      this.#running.delete(running);
      this.#learn(batch, predictions, estimatedTokens, clock.monotonicMs() - startMs);
      batch.forEach((article, row) => {
        article.resolve(predictions[row]!);
      });
    } catch (error) {
      this.#running.delete(running);
      for (const article of batch) article.reject(error);
    }
  }

  #learn(
    batch: readonly WaitingArticle[],
    predictions: readonly DetailedPrediction[],
    estimatedTokens: number,
    ms: number,
  ): void {
    let characters = 0;
    let tokens = 0;
    batch.forEach(({ article }, row) => {
      const { truncated, tokens: read } = predictions[row]!.measures;
      if (truncated) return; // cut at the maximum: its length says nothing about tokens a character
      characters += article.title.length + article.text.length;
      tokens += read;
    });
    this.#rate.learn({ characters, tokens, estimatedTokens, ms });
  }
}
