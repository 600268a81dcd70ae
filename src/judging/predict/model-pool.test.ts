import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { appError } from '../../foundation/core/errors.ts';
import type { ArticleText } from '../../foundation/records/article.ts';
import type { DetailedPrediction } from './detailed-prediction.ts';
import { createModelPool, type ModelPoolOptions, openModelPool } from './model-pool.ts';
import { type PoolWorker, startPoolWorker } from './pool-worker.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-pool-'));
  createRealModel(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const article = (title: string): ArticleText => ({ title, text: '' });
const nextTurn = (): Promise<void> => new Promise(setImmediate);
const isLost = expect.objectContaining({ code: 'WORKER_LOST' });

/** Threads that finish a batch when a test says so; each prediction names its thread. */
function createThreads(options: { fails?: () => boolean } = {}) {
  const threads: {
    batches: { titles: string[]; answer: () => void }[];
    die: () => void;
    closed: boolean;
  }[] = [];
  const startWorker = async (): Promise<PoolWorker> => {
    if (options.fails?.() === true) throw appError('MODEL_UNUSABLE', { path: 'x', expected: 'a', got: 'b' });
    const number = threads.length;
    let tellEnd = (): void => {};
    const rejects: ((error: unknown) => void)[] = [];
    const thread: (typeof threads)[number] = {
      batches: [],
      closed: false,
      die: () => {
        tellEnd();
        for (const reject of rejects.splice(0)) reject(new Error('gone'));
      },
    };
    threads.push(thread);
    return {
      predictDetailed: (articles) =>
        new Promise((resolve, reject) => {
          rejects.push(reject);
          const titles = articles.map(({ title }) => title);
          const predictions = titles.map(
            (title) => ({ prediction: { label: `${title} by ${number}` } }) as never as DetailedPrediction,
          );
          thread.batches.push({ titles, answer: () => resolve(predictions) });
        }),
      onEnd: (listener) => {
        tellEnd = listener;
      },
      close: async () => {
        thread.closed = true;
      },
    };
  };
  return { threads, startWorker };
}

const createPool = (startWorker: ModelPoolOptions['startWorker'], more: ModelPoolOptions = {}) =>
  createModelPool(folder, {
    workers: 2,
    threads: 2,
    startWorker: startWorker!,
    restartDelayMs: () => 0,
    ...more,
  });
const said = (predictions: DetailedPrediction[]): string[] =>
  predictions.map(({ prediction }) => prediction.label);
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

describe('createModelPool', () => {
  test('gives each free thread a batch and keeps the rest waiting', async () => {
    const { threads, startWorker } = createThreads();
    const pool = await createPool(startWorker);
    const batches = ['a', 'b', 'c'].map((title) => pool.run([article(title)]));
    expect(threads.map(({ batches }) => batches.map(({ titles }) => titles))).toEqual([[['a']], [['b']]]);
    expect(pool.free()).toBe(0);
    threads[1]!.batches[0]!.answer();
    expect(said(await batches[1]!)).toEqual(['b by 1']);
    threads[1]!.batches[1]!.answer();
    expect(said(await batches[2]!)).toEqual(['c by 1']);
    threads[0]!.batches[0]!.answer();
    await batches[0];
    await pool.dispose();
  });

  test('is ready with its first thread; the others start when they may, one that fails is tried again', async () => {
    let failures = 0;
    const fails = (): boolean => threads.length === 1 && failures === 0 && ++failures === 1;
    const { threads, startWorker } = createThreads({ fails });
    let mayStart = (): void => {};
    const othersAfter = new Promise<void>((resolve) => {
      mayStart = resolve;
    });
    let restarts = 0;
    const pool = await createPool(startWorker, {
      othersAfter,
      threads: 3,
      workers: 3,
      onRestart: () => restarts++,
    });
    expect([pool.workers, pool.free(), threads.length]).toEqual([3, 1, 1]);
    mayStart();
    await until(() => pool.free() === 3);
    expect([failures, restarts, pool.isBroken()]).toEqual([1, 1, false]);
    await pool.dispose();
    expect(threads.map(({ closed }) => closed)).toEqual([true, true, true]);
  });

  test('keeps batches until its first thread has started', async () => {
    const { threads, startWorker } = createThreads();
    const { pool, ready } = openModelPool(folder, { workers: 1, threads: 1, startWorker });
    const batch = pool.run([article('a')]);
    expect([pool.free(), pool.isBroken()]).toEqual([0, false]);
    await ready;
    threads[0]!.batches[0]!.answer();
    expect(said(await batch)).toEqual(['a by 0']);
    await pool.dispose();
  });

  test('closes threads that start after it was closed', async () => {
    const { threads, startWorker } = createThreads();
    const { pool, ready } = openModelPool(folder, { workers: 2, threads: 2, startWorker });
    await pool.dispose();
    await ready;
    expect(threads.map(({ closed }) => closed)).toEqual([true, true]);
    await expect(pool.run([article('a')])).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  });

  test('retries the batch of a thread that ended, and starts another thread', async () => {
    const { threads, startWorker } = createThreads();
    let restarts = 0;
    const pool = await createPool(startWorker, { onRestart: () => restarts++ });
    const batch = pool.run([article('a')]);
    threads[0]!.die();
    await until(() => threads[1]!.batches.length === 1);
    threads[1]!.batches[0]!.answer();
    expect(said(await batch)).toEqual(['a by 1']);
    await until(() => pool.free() === 2);
    expect([restarts, pool.restarts(), threads.length]).toEqual([1, 1, 3]);
    await pool.dispose();
  });

  test('rejects a batch whose second thread ends too, and continues with the next', async () => {
    const { threads, startWorker } = createThreads();
    const pool = await createPool(startWorker, { workers: 1 });
    const batch = pool.run([article('a')]);
    const next = pool.run([article('b')]);
    threads[0]!.die();
    await until(() => threads[1]?.batches.length === 1);
    expect(threads[1]!.batches[0]!.titles).toEqual(['a']);
    threads[1]!.die();
    await expect(batch).rejects.toEqual(isLost);
    await until(() => threads[2]?.batches.length === 1);
    threads[2]!.batches[0]!.answer();
    expect(said(await next)).toEqual(['b by 2']);
    await pool.dispose();
  });

  test('abandons a thread that does not respond in time, and ignores its late response', async () => {
    const { threads, startWorker } = createThreads();
    const limits: number[] = [];
    const options = { workers: 1, hangMs: 20, onHang: (limitMs: number) => limits.push(limitMs) };
    const pool = await createPool(startWorker, options);
    const batch = pool.run([article('a')]);
    await until(() => threads[1]?.batches.length === 1);
    expect([threads[0]!.closed, limits.length, pool.free()]).toEqual([true, 1, 0]);
    threads[0]!.batches[0]!.answer();
    threads[0]!.die(); // terminated at last: no other thread is started for it
    threads[1]!.batches[0]!.answer();
    expect(said(await batch)).toEqual(['a by 1']);
    await until(() => pool.free() === 1);
    expect([threads.length, pool.restarts()]).toEqual([2, 1]);
    await pool.dispose();
  });

  test('accepts a response that arrived while this process was blocked, however long', async () => {
    const { threads, startWorker } = createThreads();
    const pool = await createPool(startWorker, { workers: 1, hangMs: 80 });
    const batch = pool.run([article('a')]);
    setImmediate(() => threads[0]!.batches[0]!.answer()); // as a message is read: after the timers
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 240);
    expect(said(await batch)).toEqual(['a by 0']);
    expect(pool.restarts()).toBe(0);
    await pool.dispose();
  });

  test('can be disposed of although a thread hangs', async () => {
    const { threads, startWorker } = createThreads();
    const pool = await createPool(startWorker, { workers: 1, hangMs: 20 });
    const batch = pool.run([article('a')]);
    const disposed = pool.dispose();
    await expect(batch).rejects.toEqual(isLost);
    await disposed;
    expect(threads).toHaveLength(1);
  });

  test('is broken while no thread can be started, and recovers', async () => {
    let fails = false;
    const { threads, startWorker } = createThreads({ fails: () => fails });
    const pool = await createPool(startWorker, { workers: 1 });
    fails = true;
    const batch = pool.run([article('a')]);
    threads[0]!.die();
    await expect(batch).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    expect(pool.isBroken()).toBe(true);
    await expect(pool.run([article('b')])).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    fails = false;
    await until(() => pool.free() === 1);
    expect(pool.isBroken()).toBe(false);
    await pool.dispose();
  });

  test('finishes its batches before it ends its threads, and accepts no more', async () => {
    const { threads, startWorker } = createThreads();
    const pool = await createPool(startWorker, { workers: 1 });
    const batches = [pool.run([article('a')]), pool.run([article('b')])];
    const disposed = pool.dispose();
    await expect(pool.run([article('c')])).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    threads[0]!.batches[0]!.answer();
    await until(() => threads[0]!.batches.length === 2);
    expect(threads[0]!.closed).toBe(false);
    threads[0]!.batches[1]!.answer();
    await Promise.all([...batches, disposed]);
    expect(threads[0]!.closed).toBe(true);
  });

  test('can be disposed of although its last thread ends meanwhile', async () => {
    const { threads, startWorker } = createThreads();
    const pool = await createPool(startWorker, { workers: 1 });
    const batches = [pool.run([article('a')]), pool.run([article('b')])];
    const ends = Promise.allSettled(batches);
    const disposed = pool.dispose();
    threads[0]!.die();
    await disposed;
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('closes the started threads when another fails to start', async () => {
    let starts = 0;
    const { threads, startWorker } = createThreads({ fails: () => starts++ === 1 });
    await expect(createPool(startWorker)).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
    expect(threads.map(({ closed }) => closed)).toEqual([true]);
  });

  test('predicts with a real model although a thread ends in the middle', async () => {
    const workers: PoolWorker[] = [];
    const pool = await createModelPool(folder, {
      workers: 1,
      threads: 1,
      restartDelayMs: () => 0,
      startWorker: async (...args) => {
        const worker = await startPoolWorker(...args);
        workers.push(worker);
        return worker;
      },
    });
    const articles = Array.from({ length: 64 }, (_, row) =>
      article(`council ${row} ${'water '.repeat(row)}`),
    );
    const [before] = await pool.predictDetailed(articles.slice(7, 8));
    const answers = pool.run(articles);
    await workers[0]!.close(); // as if it had died
    const predictions = await answers;
    expect(predictions).toHaveLength(64);
    expect(predictions[7]!.prediction.probability).toBeCloseTo(before!.prediction.probability, 5);
    expect([pool.restarts(), workers.length]).toEqual([1, 2]);
    await pool.dispose();
  });
});
