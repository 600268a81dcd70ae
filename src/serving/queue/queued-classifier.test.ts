import { describe, expect, test } from 'vitest';
import { createFakePool } from '../../../test/serve/fake-pool.ts';
import { silentQueueMetrics } from '../metrics/queue-metrics.ts';
import { hashArticle } from './prediction-cache.ts';
import { QueuedClassifier, type QueuedClassifierOptions } from './queued-classifier.ts';

function create(options: Partial<QueuedClassifierOptions> = {}) {
  const pool = createFakePool();
  const lookups: string[] = [];
  const metrics = { ...silentQueueMetrics, countLookup: (result: string) => void lookups.push(result) };
  return { pool, lookups, queued: new QueuedClassifier({ current: () => pool, metrics, ...options }) };
}
const A = { title: 'a', text: 'the same' };
const B = { title: 'b', text: 'another' };

describe('QueuedClassifier', () => {
  test('finds an exact duplicate in the cache', async () => {
    const { pool, lookups, queued } = create();
    const first = queued.predictDetailed([A]);
    await pool.finish();
    expect(await queued.predictDetailed([A])).toEqual(await first);
    expect([pool.begun, lookups]).toEqual([[['a']], ['miss', 'hit']]);
  });

  test('predicts anew an article with another letter, for another version, or without the cache', async () => {
    let pool = createFakePool();
    const queued = new QueuedClassifier({ current: () => pool });
    for (const article of [A, { ...A, title: 'A' }]) {
      const answer = queued.predictDetailed([article]);
      await pool.finish();
      await answer;
    }
    void queued.predictDetailed([A], { cached: false });
    expect(pool.begun).toEqual([['a'], ['A'], ['a']]);
    pool = createFakePool(1, { version: 'compact@2' });
    const answer = queued.predictDetailed([A]);
    await pool.finish();
    expect((await answer)[0]!.prediction.modelVersion).toBe('compact@2');
  });

  test('predicts an article in progress only once, also twice in one request', async () => {
    const { pool, lookups, queued } = create();
    const answers = [queued.predictDetailed([A, B, A]), queued.predictDetailed([B])];
    await pool.drain();
    const [batch, single] = await Promise.all(answers);
    expect(batch).toHaveLength(3);
    expect(batch![2]).toBe(batch![0]);
    expect(single![0]).toBe(batch![1]);
    expect(pool.begun.flat().sort()).toEqual(['a', 'b']);
    expect(lookups).toEqual(['miss', 'miss', 'shared', 'shared']);
  });

  test('caches no failure', async () => {
    const { pool, queued } = create();
    const answers = Promise.allSettled([queued.predictDetailed([A]), queued.predictDetailed([A])]);
    await pool.fail();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = queued.predictDetailed([A]);
    await pool.finish();
    expect(await again).toHaveLength(1);
  });

  test('drops an article only when all its clients have disconnected', async () => {
    const { pool, queued } = create();
    void queued.predictDetailed([B]); // keeps the thread
    const [one, other] = [new AbortController(), new AbortController()];
    const answers = [
      queued.predictDetailed([A], { signal: one.signal }),
      queued.predictDetailed([A], { signal: other.signal }),
    ];
    one.abort();
    await expect(answers[0]).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    await pool.finish();
    await pool.finish();
    expect(await answers[1]).toHaveLength(1);

    const last = new AbortController();
    void queued.predictDetailed([{ title: 'c', text: '' }]);
    const gone = queued.predictDetailed([{ title: 'd', text: '' }], { signal: last.signal });
    last.abort();
    await expect(gone).rejects.toMatchObject({ code: 'CLIENT_GONE' });
    await pool.finish();
    expect(pool.begun.flat()).not.toContain('d');
    void queued.predictDetailed([{ title: 'd', text: '' }]);
    expect(pool.begun.flat()).toContain('d');
  });

  test('drops the least recently used prediction beyond its size', async () => {
    const { pool, queued } = create({ cacheEntries: 2 });
    const judge = async (title: string): Promise<void> => {
      const answer = queued.predictDetailed([{ title, text: '' }]);
      if (pool.free() === 0) await pool.finish();
      await answer;
    };
    for (const title of 'abacab') await judge(title);
    expect(pool.begun.flat().join('')).toBe('abcb');
  });

  test('caches nothing with cacheEntries 0', async () => {
    const { pool, queued } = create({ cacheEntries: 0 });
    for (let turn = 0; turn < 2; turn++) {
      const answer = queued.predictDetailed([A]);
      await pool.finish();
      await answer;
    }
    expect(pool.begun).toEqual([['a'], ['a']]);
  });

  test('accepts an article again after it was refused', async () => {
    const { pool, queued } = create({ maxWaitMs: 1 });
    void queued.predictDetailed([{ title: 'b', text: 'x'.repeat(9999) }]);
    await expect(queued.predictDetailed([A])).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await pool.finish();
    void queued.predictDetailed([A]);
    expect(pool.begun.flat()).toContain('a');
  });
});

describe('hashArticle', () => {
  test('differs for another end of the title, and for broken surrogates', () => {
    const hashes = [
      { title: 'ab', text: 'c' },
      { title: 'a', text: 'bc' },
      { title: '\ud800', text: '' },
      { title: '\ud801', text: '' },
    ].map((article) => hashArticle(article, 'compact@1'));
    expect(new Set(hashes).size).toBe(4);
    expect(hashArticle({ title: 'ab', text: 'c' }, 'compact@2')).not.toBe(hashes[0]);
  });
});
