// Articles waiting in front of a pool of threads. Whenever a thread is free it gets the next part; an article that
// comes while one is free begins at once. Taking the pool from current() lets a new model version take over between
// two parts: what still waits goes to it, what runs ends on the old one.
import type { Clock } from '../../foundation/core/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { DetailedPrediction, ModelPool } from '../../judging/predict/index.ts';
import type { QueueMetrics } from '../metrics/index.ts';
import { createAdmission } from './admission.ts';
import { chooseBatch } from './batch-choice.ts';
import type { RequestPriority } from './predict-options.ts';
import { createWorkRate } from './work-rate.ts';

/** What the queue needs of a pool. */
export type QueuePool = Pick<ModelPool, 'info' | 'workers' | 'free' | 'isBroken' | 'onChange' | 'run'>;

export interface QueueOptions {
  /** The pool that answers now; call refresh() when it is another. */
  readonly current: () => QueuePool;
  readonly clock: Clock;
  readonly metrics: QueueMetrics;
  /** Expected wait from which on requests are refused. */
  readonly maxWaitMs: number;
  /** Padded tokens in one part. */
  readonly maxBatchTokens: number;
  /** How long a part that is not full may wait for articles that are on their way. */
  readonly maxBatchWaitMs: number;
}

export interface QueuedArticle {
  readonly article: ArticleText;
  /** Aborted: nobody waits for it any more. */
  readonly signal?: AbortSignal;
}

export interface ArticleQueue {
  /**
   * One promise an article, in their order; they come in together or not at all.
   * Each rejects with CLIENT_GONE when its signal is aborted before its turn, and as ModelPool.run does.
   * @throws QUEUE_FULL, MODEL_FAILED
   */
  submit(articles: readonly QueuedArticle[], priority: RequestPriority): Promise<DetailedPrediction>[];
  /** Says that a request is being received; call the result when its articles were submitted, or it came to nothing. */
  expect(): () => void;
  /** Looks again at the pool. */
  refresh(): void;
  /** Waiting articles. */
  length(): number;
}

interface Entry extends QueuedArticle {
  readonly tokens: number;
  readonly tag: number;
  readonly arrivedMs: number;
  readonly resolve: (detailed: DetailedPrediction) => void;
  readonly reject: (error: unknown) => void;
  readonly leave: () => void;
}

interface RunningPart {
  readonly startMs: number;
  readonly expectedMs: number;
}

/** A file's articles count for so many: where requests wait too, it gets so much less of a thread. */
const BACKGROUND_WEIGHT = 4;

export function createArticleQueue(options: QueueOptions): ArticleQueue {
  const { current, clock, metrics } = options;
  const rate = createWorkRate(() => current().info.maxTokens);
  const admission = createAdmission(options.maxWaitMs);
  /** In the order of their tags; of equal ones the first come stands first. */
  const waiting: Entry[] = [];
  const running = new Set<RunningPart>();
  let turn = 0; // tag of what began last
  let expected = 0;
  let watched: QueuePool | undefined;
  let unwatch = (): void => {};
  let timer: NodeJS.Timeout | undefined;

  const findPool = (): QueuePool => {
    const pool = current();
    if (pool !== watched) {
      unwatch();
      watched = pool;
      unwatch = pool.onChange(dispatch);
    }
    return pool;
  };

  const expectWaitMs = (lastTag: number, pool: QueuePool): number => {
    const nowMs = clock.monotonicMs();
    if (waiting.length === 0 && pool.free() > 0) return 0;
    let workMs = 0;
    for (const { startMs, expectedMs } of running) workMs += Math.max(0, expectedMs - (nowMs - startMs));
    for (const entry of waiting) {
      if (entry.tag > lastTag) break;
      workMs += rate.estimateMs(entry.tokens);
    }
    return workMs / pool.workers;
  };

  const admit = (tokens: readonly number[], lastTag: number, pool: QueuePool): void => {
    const waitMs = expectWaitMs(lastTag, pool);
    const workMs = tokens.reduce((sum, count) => sum + rate.estimateMs(count), 0);
    const longestMs = rate.estimateMs(pool.info.maxTokens);
    const nowMs = clock.monotonicMs();
    const { admitted, budgetMs } = admission.decide({
      nowMs,
      waitMs,
      workMs,
      workers: pool.workers,
      longestMs,
    });
    if (admitted) return;
    metrics.countShed();
    throw appError('QUEUE_FULL', {
      budgetMs: Math.round(budgetMs),
      waitMs: Math.round(waitMs),
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    });
  };

  const dispatch = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const pool = findPool();
    if (pool.isBroken()) {
      for (const entry of waiting.splice(0)) {
        entry.leave();
        entry.reject(appError('MODEL_FAILED'));
      }
    }
    while (waiting.length > 0 && pool.free() > 0) {
      // several free threads share what waits, rather than one taking it all
      const total = waiting.reduce((sum, { tokens }) => sum + tokens, 0);
      const share = Math.min(options.maxBatchTokens, Math.ceil(total / pool.free()));
      if (waitsForMore(total)) break;
      const rows = chooseBatch(waiting, share);
      const part = rows.map((row) => waiting[row]!);
      for (const row of rows.toReversed()) waiting.splice(row, 1);
      start(part, pool);
    }
    metrics.setWaiting(waiting.length);
  };

  /** Is it worth a moment to let what is being received join in? Never for who is alone. */
  const waitsForMore = (total: number): boolean => {
    if (options.maxBatchWaitMs === 0 || expected === 0 || total >= options.maxBatchTokens) return false;
    const oldestMs = Math.min(...waiting.map(({ arrivedMs }) => arrivedMs));
    const leftMs = oldestMs + options.maxBatchWaitMs - clock.monotonicMs();
    if (leftMs <= 0) return false;
    timer = setTimeout(dispatch, leftMs);
    return true;
  };

  const start = (part: readonly Entry[], pool: QueuePool): void => {
    const startMs = clock.monotonicMs();
    const estimatedTokens = part.reduce((sum, { tokens }) => sum + tokens, 0);
    const runningPart = { startMs, expectedMs: rate.estimateMs(estimatedTokens) };
    running.add(runningPart);
    turn = Math.max(turn, part[0]!.tag);
    for (const entry of part) {
      entry.leave();
      metrics.observeWait((startMs - entry.arrivedMs) / 1000);
    }
    metrics.observeBatch(part.length);
    pool.run(part.map(({ article }) => article)).then(
      (predictions) => {
        running.delete(runningPart);
        const whole = part.flatMap(({ article }, row) =>
          predictions[row]!.truncated ? [] : [{ article, tokens: predictions[row]!.tokens }],
        );
        rate.learn({
          characters: whole.reduce((sum, { article }) => sum + article.title.length + article.text.length, 0),
          tokens: whole.reduce((sum, { tokens }) => sum + tokens, 0),
          estimatedTokens,
          ms: clock.monotonicMs() - startMs,
        });
        part.forEach((entry, row) => {
          entry.resolve(predictions[row]!);
        });
      },
      (error: unknown) => {
        running.delete(runningPart);
        for (const entry of part) entry.reject(error);
      },
    );
  };

  const enter = (queued: QueuedArticle, tokens: number, tag: number): Promise<DetailedPrediction> =>
    new Promise((resolve, reject) => {
      const { signal } = queued;
      const drop = (): void => {
        const row = waiting.indexOf(entry);
        if (row === -1) return;
        waiting.splice(row, 1);
        metrics.countDropped();
        metrics.setWaiting(waiting.length);
        reject(appError('CLIENT_GONE'));
      };
      const entry: Entry = {
        ...queued,
        tokens,
        tag,
        arrivedMs: clock.monotonicMs(),
        resolve,
        reject,
        leave: () => signal?.removeEventListener('abort', drop),
      };
      signal?.addEventListener('abort', drop, { once: true });
      let row = waiting.length;
      while (row > 0 && waiting[row - 1]!.tag > tag) row--;
      waiting.splice(row, 0, entry);
      if (signal?.aborted === true) drop();
    });

  return {
    submit: (articles, priority) => {
      const pool = findPool();
      if (pool.isBroken()) throw appError('MODEL_FAILED');
      const tokens = articles.map(({ article }) => rate.estimateTokens(article));
      const weight = priority === 'background' ? BACKGROUND_WEIGHT : 1;
      let tag = turn;
      const tags = tokens.map((count) => {
        tag += count * weight;
        return tag;
      });
      if (priority === 'request') admit(tokens, tag, pool);
      const answers = articles.map((queued, row) => enter(queued, tokens[row]!, tags[row]!));
      dispatch();
      return answers;
    },
    expect: () => {
      let counts = true;
      expected++;
      return () => {
        if (!counts) return;
        counts = false;
        expected--;
        if (expected === 0 && timer !== undefined) dispatch();
      };
    },
    refresh: () => dispatch(),
    length: () => waiting.length,
  };
}
