// One model version in several worker threads, each with a tokenizer and a session of its own. A batch of articles runs on
// one thread, whole. A thread that ends is started again, and its batch is tried once more on any thread. A thread that
// does not respond within a limit counts as ended: code that hangs in a native library cannot be stopped, only abandoned.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '../../engine/runtime/session/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { type BatchLimit, createBatchLimit } from './batch-limit.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';
import { loadModelInfo } from './load-classifier.ts';
import { choosePoolSize, type PoolSize } from './pool-size.ts';
import { PoolThread } from './pool-thread.ts';
import { type PoolWorker, startPoolWorker } from './pool-worker.ts';
import { settleWithin } from './timeout.ts';

export interface ModelPool {
  readonly info: ModelFolder;
  /** name@version, or the run id of an unregistered model. */
  readonly modelVersion: string;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly device: Device;
  /** Threads that would begin a batch at once. */
  free(): number;
  /** True when no thread is left and the last attempt to start one failed. */
  isBroken(): boolean;
  /** Number of threads that ended by themselves and were started again. */
  restarts(): number;
  /** Calls `listener` whenever free() or isBroken() may have changed. @returns removes the listener */
  onChange(listener: () => void): () => void;
  /**
   * Predicts a batch on one thread, as soon as one is free.
   * @throws WORKER_LOST when its thread ended twice, MODEL_FAILED when the pool is broken, ENGINE_FAILED
   */
  run(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
  /** Predicts any number of articles on all threads, past every queue: for checks and comparisons. */
  predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
  /** Refuses new batches, finishes those it has, then ends the threads. Safe to call twice. */
  dispose(): Promise<void>;
}

export interface ModelPoolOptions {
  /** Threads in all; 0 (default): as many as the cores that this process may use. */
  readonly threads?: number;
  /** Worker threads that share them; 0 (default): see choosePoolSize. */
  readonly workers?: number;
  readonly device?: Device;
  /** name@version; default: the run id. */
  readonly modelVersion?: string;
  readonly onRestart?: () => void;
  /** A thread is given up when a batch takes this long and ten times its slowest batch so far; default 30 s. */
  readonly hangMs?: number;
  /** Called when that happens. */
  readonly onHang?: (limitMs: number) => void;
  /** Starts one thread after the other, so that other threads keep the cores meanwhile; default: all at once. */
  readonly startsInTurn?: boolean;
  /**
   * With it the pool is ready with its first thread; the others start, in turn, when this has resolved. One of them that
   * fails is tried again like a thread that ended.
   */
  readonly othersAfter?: Promise<unknown>;
  /** Default: a thread that loads the folder. */
  readonly startWorker?: typeof startPoolWorker;
  /** Pause before the nth attempt in a row to start a thread again, from 0. Default: 0, 1 s, 2 s, … 30 s. */
  readonly restartDelayMs?: (attempt: number) => number;
}

/** Articles that predictDetailed() gives to one thread at once. */
const BATCH_ARTICLES = 8;
const LONGEST_DELAY_MS = 30_000;
const HANG_MS = 30_000;

/**
 * Loads the model in every thread, warmed up.
 * @throws MODEL_INCOMPLETE, RECORD_INVALID, MODEL_UNUSABLE
 */
export async function createModelPool(folder: string, options: ModelPoolOptions = {}): Promise<ModelPool> {
  const { pool, ready } = openModelPool(folder, options);
  await ready;
  return pool;
}

/** A pool whose threads are still starting: batches that it is given wait for the first of them. */
export interface OpenedPool {
  readonly pool: ModelPool;
  /** Rejects with MODEL_UNUSABLE, and what else loading the model throws; then the pool holds nothing. */
  readonly ready: Promise<void>;
}

/**
 * Begins to load the model, for callers with other work to do meanwhile.
 * @throws MODEL_INCOMPLETE, RECORD_INVALID
 */
export function openModelPool(folder: string, options: ModelPoolOptions = {}): OpenedPool {
  const info = loadModelInfo(folder);
  const { device = 'cpu', modelVersion = info.runId, threads = 0, workers = 0 } = options;
  const modelBytes = statSync(join(folder, 'onnx', 'model.onnx')).size;
  const size = choosePoolSize({ threads, workers, device, modelBytes });
  const limit = createBatchLimit(options.hangMs ?? HANG_MS);
  const start = async (): Promise<PoolWorker> => {
    const startMs = performance.now();
    const worker = await (options.startWorker ?? startPoolWorker)(folder, {
      threads: size.threadsPerWorker,
      spins: size.workers === 1,
      device,
      modelVersion,
    });
    limit.learn(performance.now() - startMs);
    return worker;
  };
  const pool = new WorkerPool({ info, modelVersion, device, ...size }, start, limit, options);
  const ready = pool.open(options);
  ready.catch(() => {}); // it may fail before the caller awaits it
  return { pool, ready };
}

interface Batch {
  readonly articles: readonly ArticleText[];
  readonly resolve: (predictions: DetailedPrediction[]) => void;
  readonly reject: (error: unknown) => void;
  /** A thread that had it has ended. */
  readonly wasLost: boolean;
}

type PoolFacts = Pick<ModelPool, 'info' | 'modelVersion' | 'device'> & PoolSize;

/** Gives waiting batches to idle threads. */
class WorkerPool implements ModelPool {
  readonly info: ModelFolder;
  readonly modelVersion: string;
  readonly device: Device;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly #start: () => Promise<PoolWorker>;
  readonly #limit: BatchLimit;
  readonly #onHang: (limitMs: number) => void;
  readonly #threads: readonly PoolThread[];
  readonly #waiting: Batch[] = [];
  readonly #listeners = new Set<() => void>();
  #restarts = 0;
  #isBroken = false;
  #closing: Promise<void> | null = null;
  #tellDrained = (): void => {};

  constructor(
    facts: PoolFacts,
    start: () => Promise<PoolWorker>,
    limit: BatchLimit,
    { onRestart, onHang, restartDelayMs }: Pick<ModelPoolOptions, 'onRestart' | 'onHang' | 'restartDelayMs'>,
  ) {
    this.info = facts.info;
    this.modelVersion = facts.modelVersion;
    this.device = facts.device;
    this.workers = facts.workers;
    this.threadsPerWorker = facts.threadsPerWorker;
    this.#start = start;
    this.#limit = limit;
    this.#onHang = onHang ?? (() => {});
    const threadOptions = {
      start,
      restartDelayMs: restartDelayMs ?? ((attempt: number) => Math.min(attempt * 1000, LONGEST_DELAY_MS)),
      onRestart: () => {
        this.#restarts++;
        this.#isBroken = false;
        onRestart?.();
        this.#update();
      },
      onFailedRestart: () => {
        this.#isBroken = this.#threads.every((thread) => !thread.isAlive && thread.kind !== 'starting');
        this.#update();
      },
    };
    this.#threads = Array.from({ length: facts.workers }, () => new PoolThread(threadOptions));
  }

  /** Starts the first threads; the others start later, in turn. @throws what starting one of the first throws */
  async open(options: Pick<ModelPoolOptions, 'startsInTurn' | 'othersAfter'>): Promise<void> {
    const { startsInTurn = false, othersAfter } = options;
    const first = othersAfter === undefined ? this.#threads : this.#threads.slice(0, 1);
    const workers = await this.#startAll(first.length, startsInTurn);
    first.forEach((thread, index) => {
      thread.adopt(workers[index]!);
    });
    this.#update();
    othersAfter?.then(
      () => this.#startOthers(),
      () => {}, // the start they wait for has failed, and its caller disposes the pool
    );
  }

  free(): number {
    return this.#closing === null ? this.#threads.filter(({ kind }) => kind === 'idle').length : 0;
  }

  isBroken(): boolean {
    return this.#isBroken;
  }

  restarts(): number {
    return this.#restarts;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  run(articles: readonly ArticleText[]): Promise<DetailedPrediction[]> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== null || this.#isBroken) return reject(appError('MODEL_FAILED'));
      this.#waiting.push({ articles, resolve, reject, wasLost: false });
      this.#update();
    });
  }

  async predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]> {
    const batches: Promise<DetailedPrediction[]>[] = [];
    for (let row = 0; row < articles.length; row += BATCH_ARTICLES)
      batches.push(this.run(articles.slice(row, row + BATCH_ARTICLES)));
    return (await Promise.all(batches)).flat();
  }

  dispose(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #startAll(count: number, inTurn: boolean): Promise<PoolWorker[]> {
    let last: Promise<unknown> = Promise.resolve();
    const startNext = (): Promise<PoolWorker> => {
      const next = inTurn ? last.then(this.#start) : this.#start();
      last = next;
      return next;
    };
    const results = await Promise.allSettled(Array.from({ length: count }, startNext));
    const workers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure === undefined) return workers;
    await Promise.all(workers.map((worker) => worker.close()));
    throw failure.reason;
  }

  async #startOthers(): Promise<void> {
    for (const thread of this.#threads.slice(1)) {
      await thread.start();
      if (thread.isAlive) this.#isBroken = false;
      this.#update();
    }
  }

  /** Gives batches to idle threads, rejects those that no thread will take, and tells the listeners. */
  #update(): void {
    for (const thread of this.#threads) {
      if (this.#waiting.length === 0) break;
      if (thread.kind === 'idle') void this.#process(this.#waiting.shift()!, thread);
    }
    const isOver = this.#closing !== null && !this.#threads.some(({ isAlive }) => isAlive);
    if (this.#isBroken || isOver)
      for (const batch of this.#waiting.splice(0)) batch.reject(appError('MODEL_FAILED'));
    if (this.#waiting.length === 0 && !this.#threads.some(({ kind }) => kind === 'busy')) this.#tellDrained();
    for (const listener of this.#listeners) listener();
  }

  async #process(batch: Batch, thread: PoolThread): Promise<void> {
    const worker = thread.take();
    const startMs = performance.now();
    const outcome = await settleWithin(worker.predictDetailed(batch.articles), this.#limit.ms());
    if (outcome.kind === 'answered') {
      this.#limit.learn(performance.now() - startMs);
      batch.resolve(outcome.value);
    } else if (outcome.kind === 'timed out') {
      this.#onHang(outcome.limitMs);
      thread.lose(worker);
      worker.close().catch(() => {}); // never returns where native code hangs
      this.#retry(batch, new Error('the thread did not answer'));
    } else if (thread.hasLost(worker)) this.#retry(batch, outcome.error);
    else batch.reject(outcome.error);
    thread.release(worker);
    this.#update();
  }

  /** Puts a batch whose thread has ended first in line, once. */
  #retry(batch: Batch, cause: unknown): void {
    if (batch.wasLost || this.#closing !== null) batch.reject(appError('WORKER_LOST', {}, { cause }));
    else this.#waiting.unshift({ ...batch, wasLost: true });
  }

  async #close(): Promise<void> {
    for (const thread of this.#threads) thread.retire();
    await new Promise<void>((resolve) => {
      this.#tellDrained = resolve;
      queueMicrotask(() => this.#update()); // by then #closing is set
    });
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
