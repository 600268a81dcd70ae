// Tests calls into a real worker thread; worker-types.ts holds the calls that the compiler refuses.
import { afterEach, describe, expect, it } from 'vitest';
import { settleThreads, WorkerChannel, WorkerContract } from '../../src/foundation/threads/index.ts';
import type { CountingMethods } from './worker-types.ts';

const COUNTING_WORKER = new WorkerContract<CountingMethods>('../test/threads/counting-worker.mjs');
let channel: WorkerChannel<CountingMethods> | undefined;

function start(): WorkerChannel<CountingMethods> {
  channel = new WorkerChannel(COUNTING_WORKER);
  return channel;
}

afterEach(async () => {
  await channel?.close();
  channel = undefined;
});

describe('a worker channel', () => {
  it('answers calls one after the other, each with its own result', async () => {
    const counting = start();
    const slow = counting.call('add', { value: 1, delayMs: 20 });
    const fast = counting.call('add', { value: 2, delayMs: 0 });
    expect([await slow, await fast]).toEqual([1, 3]);
  });

  it('moves the buffers of a result to the caller', async () => {
    expect(await start().call('fill', 3)).toEqual(Float32Array.of(1, 1, 1));
  });

  it('keeps code and details of an error, and wraps one that is not in the catalogue', async () => {
    const counting = start();
    await expect(counting.call('refuse')).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      details: { path: 'w' },
    });
    await expect(counting.call('break')).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      details: { stage: 'break', problem: 'TypeError: a plain mistake' },
    });
    expect(await counting.call('add', { value: 1, delayMs: 0 })).toBe(1);
  });

  it('rejects open and later calls when the thread ends, and tells its listener first', async () => {
    const counting = start();
    let hasEnded = false;
    counting.onEnd(() => {
      hasEnded = true;
    });
    const stopped = counting.call('stop').catch((error: unknown) => ({ error, hasEnded }));
    expect(await stopped).toMatchObject({ error: { code: 'ENGINE_FAILED' }, hasEnded: true });
    await expect(counting.call('fill', 1)).rejects.toThrow('it ended with code 3');
  });

  it('ends a thread only after it has returned from native code, which an end inside it would abort', async () => {
    const counting = start();
    const returned = new Int32Array(new SharedArrayBuffer(4));
    await counting.call('add', { value: 1, delayMs: 0 });
    const call = counting.call('blockNatively', { ms: 300, returned }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    await counting.close();
    expect(Atomics.load(returned, 0)).toBe(1);
    await call;
  });

  it('says whether all threads left native code in time, and lets none enter it again', async () => {
    const counting = start();
    const returned = new Int32Array(new SharedArrayBuffer(4));
    await counting.call('add', { value: 1, delayMs: 0 });
    void counting.call('blockNatively', { ms: 300, returned }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(settleThreads(20)).toBe(false);
    expect(settleThreads(10_000)).toBe(true);
    expect(Atomics.exchange(returned, 0, 0)).toBe(1);
    void counting.call('blockNatively', { ms: 0, returned }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(Atomics.load(returned, 0)).toBe(0);
  });
});
