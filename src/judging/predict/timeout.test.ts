import { describe, expect, test } from 'vitest';
import { settleWithin } from './timeout.ts';

describe('settleWithin', () => {
  test('returns the response, or its failure', async () => {
    const error = new Error('a test');
    expect(await settleWithin(Promise.resolve(7), 1000)).toEqual({ kind: 'answered', value: 7 });
    expect(await settleWithin(Promise.reject(error), 1000)).toEqual({ kind: 'failed', error });
  });

  test('gives up after the limit', async () => {
    expect(await settleWithin(new Promise(() => {}), 16)).toEqual({ kind: 'timed out', limitMs: 16 });
  });

  test('counts a pause of this process as one tick of the limit', async () => {
    const answer = new Promise<string>((resolve) => {
      setImmediate(() => resolve('late'));
    });
    const outcome = settleWithin(answer, 40);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120);
    expect(await outcome).toEqual({ kind: 'answered', value: 'late' });
  });
});
