import { describe, expect, test } from 'vitest';
import { createFakePool, type FakePool } from '../../../test/serve/fake-pool.ts';
import type { DetailedPrediction } from '../../judging/predict/detailed-prediction.ts';
import { silentQueueMetrics } from '../metrics/queue-metrics.ts';
import { ArticleQueue, type QueueOptions } from './article-queue.ts';
import type { RequestPriority } from './predict-options.ts';

const LONG = 'x'.repeat(4000); // cut at 256 tokens

function createQueue(pool: FakePool, options: Partial<QueueOptions> = {}) {
  let nowMs = 0;
  const queue = new ArticleQueue({
    current: () => pool,
    clock: { nowIso: () => '', monotonicMs: () => nowMs },
    metrics: silentQueueMetrics,
    maxWaitMs: 1000,
    maxBatchTokens: 512,
    maxBatchWaitMs: 0,
    ...options,
  });
  const submit = (
    titles: string,
    more: { priority?: RequestPriority; signal?: AbortSignal; text?: string } = {},
  ) => {
    const { priority = 'request', text = LONG, ...signal } = more;
    const answers = queue.submit(
      [...titles].map((title) => ({ article: { title, text }, ...('signal' in signal ? signal : {}) })),
      priority,
    );
    return Promise.all(answers);
  };
  return { queue, submit, pass: (ms: number) => (nowMs += ms) };
}

/** Ends batches until nothing waits. @returns the batches in the order of their start */
async function drain(pool: FakePool): Promise<string> {
  await pool.drain();
  return pool.begun.map((batch) => batch.join('')).join(' ');
}

describe('ArticleQueue', () => {
  test('starts an article at once while a thread is free', () => {
    const pool = createFakePool();
    void createQueue(pool).submit('a');
    expect(pool.begun).toEqual([['a']]);
  });

  test('runs waiting articles as one batch, within the limit of tokens', async () => {
    const pool = createFakePool();
    const { submit } = createQueue(pool);
    const answers = [...'abcde'].map((title) => submit(title));
    expect(await drain(pool)).toBe('a bc de');
    expect((await Promise.all(answers)).flat()).toHaveLength(5);
  });

  test('divides waiting articles among the free threads', async () => {
    const pool = createFakePool(2);
    void createQueue(pool).submit('abcd', { text: 'x'.repeat(200) });
    expect(pool.begun).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('lets a single article pass the rest of a large request', async () => {
    const pool = createFakePool();
    const { submit } = createQueue(pool, { maxBatchTokens: 256 });
    void submit('abcdef');
    await pool.finish();
    void submit('S');
    expect(await drain(pool)).toMatch(/^a b (c )?S /);
  });

  test('gives a file a smaller share while requests wait, but not none', async () => {
    const pool = createFakePool();
    const { submit } = createQueue(pool, { maxBatchTokens: 256, maxWaitMs: 1e9 });
    void submit('uvwxyz', { priority: 'background' });
    for (const title of 'abcdefghijkl') void submit(title);
    const order = await drain(pool);
    expect(order).toMatch(/^u a b c d/);
    const late = createFakePool();
    const other = createQueue(late, { maxBatchTokens: 256 });
    void other.submit('uvw', { priority: 'background' });
    // a client that sends one request after the other
    for (let turn = 0; turn < 24; turn++) {
      void other.submit('r');
      await late.finish();
    }
    expect(late.begun.flat().filter((title) => title !== 'r')).toEqual(['u', 'v', 'w']);
  });

  test('refuses at once a request that would wait too long, and says how long', async () => {
    const pool = createFakePool();
    const { submit, pass } = createQueue(pool);
    const first = submit('a');
    pass(300); // 300 ms an article
    await pool.finish();
    await first;
    for (const title of 'abcd') void submit(title);
    expect(() => submit('e')).toThrow(
      expect.objectContaining({
        code: 'QUEUE_FULL',
        details: expect.objectContaining({ retryAfterSeconds: 2 }),
      }),
    );
    void submit('f', { priority: 'background' });
    pass(1200); // after this pause it is no longer an overload
    await pool.drain();
    void submit('g');
    expect(pool.begun.flat()).toContain('g');
  });

  test('drops an article whose client disconnected before its turn, and no other', async () => {
    const pool = createFakePool();
    let dropped = 0;
    const metrics = { ...silentQueueMetrics, countDropped: () => dropped++ };
    const { queue, submit } = createQueue(pool, { metrics, maxBatchTokens: 256 });
    const gone = new AbortController();
    const answers = [submit('a'), submit('b', { signal: gone.signal }), submit('c')];
    gone.abort();
    await expect(answers[1]).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    expect([dropped, queue.length]).toEqual([1, 1]);
    expect(await drain(pool)).toBe('a c');
    await expect(submit('d', { signal: gone.signal })).rejects.toMatchObject({ code: 'CLIENT_GONE' });
  });

  test('rejects only the articles of a failed batch', async () => {
    const pool = createFakePool();
    const { submit } = createQueue(pool);
    const [first, second] = [submit('a'), submit('b')];
    const failure = expect(first).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    await pool.fail();
    await failure;
    await pool.finish();
    expect(await second).toHaveLength(1);
  });

  test('rejects waiting articles when the pool breaks, and refuses until it works again', async () => {
    const pool = createFakePool();
    const { submit } = createQueue(pool);
    void submit('a');
    const waiting = submit('b');
    pool.break();
    await expect(waiting).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    expect(() => submit('c')).toThrow(expect.objectContaining({ code: 'MODEL_FAILED' }));
  });

  test('gives waiting articles to the pool that took over', async () => {
    const [old, young] = [createFakePool(), createFakePool(1, { version: 'compact@2' })];
    let pool = old;
    const { queue, submit } = createQueue(old, { current: () => pool });
    const answers: Promise<DetailedPrediction[]>[] = [submit('a'), submit('b')];
    pool = young;
    queue.refresh();
    expect(young.begun).toEqual([['b']]);
    await old.finish();
    await young.finish();
    const versions = (await Promise.all(answers)).map(([answer]) => answer!.prediction.modelVersion);
    expect(versions).toEqual(['compact@1', 'compact@2']);
  });

  test('waits for requests that are being received if it is configured to, never without one', async () => {
    const pool = createFakePool();
    const { queue, submit } = createQueue(pool, { maxBatchWaitMs: 50 });
    void submit('a', { text: 'x' });
    expect(pool.begun).toEqual([['a']]);
    await pool.finish();
    const arrived = queue.expect();
    void submit('b', { text: 'x' });
    expect(pool.begun).toEqual([['a']]);
    arrived();
    void submit('c', { text: 'x' });
    expect(pool.begun[1]).toEqual(['b']);
  });
});
