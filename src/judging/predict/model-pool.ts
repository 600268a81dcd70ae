// One model version in several worker threads, each with tokenizer and session of its own. A part (some articles) runs
// on one thread, whole. A thread that ends is started again; the part that it had is tried once more, on any of them. A
// thread that doesn't answer for long counts as ended: what hangs in native code cannot be stopped, only left alone.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '../../engine/runtime/session/index.ts';
import { appError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { type BatchLimit, createBatchLimit } from './batch-limit.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';
import { loadModelInfo } from './load-classifier.ts';
import { choosePoolSize } from './pool-size.ts';
import { type PoolWorker, startPoolWorker } from './pool-worker.ts';
import { startTimeout } from './timeout.ts';

export interface ModelPool {
  readonly info: ModelFolder;
  /** name@version, or the run id of an unregistered model. */
  readonly modelVersion: string;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly device: Device;
  /** Threads that would begin a part at once. */
  free(): number;
  /** True when no thread is left and the last attempt to start one failed. */
  isBroken(): boolean;
  /** Threads that ended by themselves and were started again. */
  restarts(): number;
  /** A listener for the moments in which free() or isBroken() changes; returns its end. */
  onChange(listener: () => void): () => void;
  /**
   * Judges a part on one thread, as soon as one is free.
   * @throws WORKER_LOST when its thread ended twice, MODEL_FAILED when the pool is broken, ENGINE_FAILED
   */
  run(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
  /** Any number of articles, over all threads, past every queue: for checks and comparisons. */
  predictDetailed(articles: readonly ArticleText[]): Promise<DetailedPrediction[]>;
  /** Refuses new parts, finishes those that were taken, then ends the threads. Safe to call twice. */
  dispose(): Promise<void>;
}

export interface ModelPoolOptions {
  /** Threads in all; 0 (default): as many as the cores that this process may use. */
  readonly threads?: number;
  /** 0 (default): as choosePoolSize has it. */
  readonly workers?: number;
  readonly device?: Device;
  /** name@version; default: the run id. */
  readonly modelVersion?: string;
  readonly onRestart?: () => void;
  /** A thread that has not answered a part for so long, and ten times what its slowest took, is given up; default 30 s. */
  readonly hangMs?: number;
  /** Called when that happens. */
  readonly onHang?: (limitMs: number) => void;
  /** Start one thread after the other, so that others keep the cores meanwhile; default: all at once. */
  readonly startsInTurn?: boolean;
  /**
   * With it the pool is there as soon as one thread is; the others start, in turn, when this has resolved. One of them
   * that fails is tried again, as one that ended would be.
   */
  readonly othersAfter?: Promise<unknown>;
  /** Default: a thread that loads the folder. */
  readonly startWorker?: typeof startPoolWorker;
  /** Pause before the nth attempt in a row to start a thread again, from 0. Default: 0, 1 s, 2 s, … 30 s. */
  readonly restartDelayMs?: (attempt: number) => number;
}

interface Part {
  readonly articles: readonly ArticleText[];
  readonly resolve: (predictions: DetailedPrediction[]) => void;
  readonly reject: (error: unknown) => void;
  wasLost: boolean;
}

/** How many articles judge() gives a thread at once. */
const PART_ARTICLES = 8;
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

/** A pool whose threads are on their way: what it is given waits for the first of them. */
export interface OpenedPool {
  readonly pool: ModelPool;
  /** Rejects with MODEL_UNUSABLE, and what else loading the model throws; then the pool holds nothing. */
  readonly ready: Promise<void>;
}

/**
 * Begins to load the model, for who has other things to do meanwhile.
 * @throws MODEL_INCOMPLETE, RECORD_INVALID
 */
export function openModelPool(folder: string, options: ModelPoolOptions = {}): OpenedPool {
  const info = loadModelInfo(folder);
  const { device = 'cpu', modelVersion = info.runId, startWorker = startPoolWorker } = options;
  const modelBytes = statSync(join(folder, 'onnx', 'model.onnx')).size;
  const { threads = 0, workers = 0 } = options;
  const size = choosePoolSize({ threads, workers, device, modelBytes });
  const limit = createBatchLimit(options.hangMs ?? HANG_MS);
  const start = async (): Promise<PoolWorker> => {
    const startMs = performance.now();
    const worker = await startWorker(folder, {
      threads: size.threadsPerWorker,
      spins: size.workers === 1,
      device,
      modelVersion,
    });
    limit.learn(performance.now() - startMs);
    return worker;
  };
  let last: Promise<unknown> = Promise.resolve();
  const startNext = (): Promise<PoolWorker> => {
    const next = options.startsInTurn === true ? last.then(start) : start();
    last = next;
    return next;
  };
  const { othersAfter } = options;
  const first = othersAfter === undefined ? size.workers : 1;
  const delay = options.restartDelayMs ?? ((attempt) => Math.min(attempt * 1000, LONGEST_DELAY_MS));
  const staff = createStaff(start, delay, limit, {
    onRestart: options.onRestart ?? (() => {}),
    onHang: options.onHang ?? (() => {}),
  });
  const loadAll = async (): Promise<void> => {
    const started = await Promise.allSettled(Array.from({ length: first }, startNext));
    const failure = started.find((result) => result.status === 'rejected');
    const alive = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (failure !== undefined) {
      await Promise.all(alive.map((worker) => worker.close()));
      throw failure.reason;
    }
    staff.hire(alive);
    othersAfter?.then(
      () => staff.enlarge(size.workers - first),
      () => {}, // what they wait for has failed, and whoever waits too disposes the pool
    );
  };
  const ready = loadAll();
  ready.catch(() => {}); // it may fail before anybody waits for it
  const predictDetailed = async (articles: readonly ArticleText[]): Promise<DetailedPrediction[]> => {
    const parts: Promise<DetailedPrediction[]>[] = [];
    for (let row = 0; row < articles.length; row += PART_ARTICLES)
      parts.push(staff.run(articles.slice(row, row + PART_ARTICLES)));
    return (await Promise.all(parts)).flat();
  };
  const { enlarge: _, hire: __, ...shown } = staff;
  return { pool: { info, modelVersion, device, ...size, ...shown, predictDetailed }, ready };
}

/** Who is free, who is restarted, and what waits for them. */
function createStaff(
  start: () => Promise<PoolWorker>,
  delayMs: (attempt: number) => number,
  limit: BatchLimit,
  { onRestart, onHang }: Required<Pick<ModelPoolOptions, 'onRestart' | 'onHang'>>,
): Pick<ModelPool, 'free' | 'isBroken' | 'restarts' | 'onChange' | 'run' | 'dispose'> & {
  /** Gives work to threads that have been started. */
  hire(workers: readonly PoolWorker[]): void;
  /** Starts more threads, one after the other. */
  enlarge(threads: number): void;
} {
  const idle = new Set<PoolWorker>();
  const busy = new Set<PoolWorker>();
  const waiting: Part[] = [];
  const listeners = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  let starting = 0;
  let restarts = 0;
  let broken = false;
  let isClosing = false;
  let closed: Promise<void> | undefined;
  let tellDrained = (): void => {};

  const changed = (): void => {
    while (waiting.length > 0 && idle.size > 0) give(waiting.shift()!, [...idle][0]!);
    if (broken || (isClosing && idle.size + busy.size === 0))
      for (const part of waiting.splice(0)) part.reject(appError('MODEL_FAILED'));
    if (busy.size === 0 && waiting.length === 0) tellDrained();
    for (const listener of listeners) listener();
  };

  const give = (part: Part, worker: PoolWorker): void => {
    idle.delete(worker);
    busy.add(worker);
    const startMs = performance.now();
    const limitMs = limit.ms();
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return; // it was given up, and answers after all
      isOver = true;
      stopWaiting();
      settle();
      if (busy.delete(worker)) idle.add(worker);
      changed();
    };
    const fail = (error: unknown): void => {
      const isLost = !busy.has(worker); // its thread has ended: see hire
      if (isLost && !part.wasLost && !isClosing) waiting.unshift({ ...part, wasLost: true });
      else part.reject(isLost ? appError('WORKER_LOST', {}, { cause: error }) : error);
    };
    const stopWaiting = startTimeout(limitMs, () => {
      end(() => {
        onHang(limitMs);
        lose(worker);
        fail(new Error('the thread did not answer'));
      });
      worker.close().catch(() => {}); // takes for ever where native code hangs: nobody waits for it
    });
    worker.predictDetailed(part.articles).then(
      (predictions) =>
        end(() => {
          limit.learn(performance.now() - startMs);
          part.resolve(predictions);
        }),
      (error: unknown) => end(() => fail(error)),
    );
  };

  const hire = (worker: PoolWorker): void => {
    broken = false;
    idle.add(worker);
    worker.onEnd(() => lose(worker));
  };

  /** Counts a thread as ended, once, and starts another. */
  const lose = (worker: PoolWorker): void => {
    if (!idle.delete(worker) && !busy.delete(worker)) return;
    if (!isClosing) replace(0);
  };

  const replace = (attempt: number): void => {
    const pause = setTimeout(() => {
      timers.delete(pause);
      starting++;
      start().then(
        (worker) => {
          starting--;
          if (isClosing) return void worker.close();
          restarts++;
          onRestart();
          hire(worker);
          changed();
        },
        () => {
          starting--;
          broken = idle.size + busy.size + starting === 0;
          if (!isClosing) replace(attempt + 1);
          changed();
        },
      );
    }, delayMs(attempt));
    pause.unref();
    timers.add(pause);
  };

  const enlarge = (threads: number): void => {
    if (threads === 0 || isClosing) return;
    starting++;
    start()
      .then(
        (worker) => {
          starting--;
          if (isClosing) return void worker.close();
          hire(worker);
          changed();
        },
        () => {
          starting--;
          if (!isClosing) replace(1);
        },
      )
      .then(() => enlarge(threads - 1));
  };

  const close = async (): Promise<void> => {
    isClosing = true;
    for (const timer of timers) clearTimeout(timer);
    await new Promise<void>((resolve) => {
      tellDrained = resolve;
      changed();
    });
    await Promise.all([...idle].map((worker) => worker.close()));
    idle.clear();
  };

  return {
    free: () => (isClosing ? 0 : idle.size),
    hire: (workers) => {
      if (isClosing) for (const worker of workers) void worker.close();
      else workers.forEach(hire);
      changed();
    },
    enlarge,
    isBroken: () => broken,
    restarts: () => restarts,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run: (articles) =>
      new Promise((resolve, reject) => {
        if (isClosing || broken) return reject(appError('MODEL_FAILED'));
        waiting.push({ articles, resolve, reject, wasLost: false });
        changed();
      }),
    dispose: () => {
      closed ??= close();
      return closed;
    },
  };
}
