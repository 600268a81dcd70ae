import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runJobs } from './run-jobs.ts';

describe('many jobs', () => {
  it('work on each item once, several at once', async () => {
    const seen: number[] = [];
    let running = 0;
    let most = 0;
    await runJobs([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await pause(1);
      running--;
      seen.push(item);
    });
    expect(seen.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('end with the first failure, once none runs any more, and begin no other item', async () => {
    const begun: number[] = [];
    let running = 0;
    const jobs = runJobs([1, 2, 3, 4, 5, 6], 2, async (item, signal) => {
      begun.push(item);
      running++;
      if (item === 1) await pause(5);
      // The other ends when it is told to, and a little later.
      else await pause(60_000, null, { signal }).catch(() => pause(20));
      running--;
      throw new Error(`failure of ${item}`);
    });
    await expect(jobs).rejects.toThrow('failure of 1');
    expect(running).toBe(0);
    expect(begun).toEqual([1, 2]);
  });

  it.each([true, false])('end when they are stopped, before the start: %s', async (isEarly) => {
    const stop = new AbortController();
    const reason = new Error('asked to stop');
    if (isEarly) stop.abort(reason);
    let begun = 0;
    const jobs = runJobs(
      [1, 2, 3],
      2,
      async (_, signal) => {
        if (++begun === 2) stop.abort(reason);
        await pause(60_000, null, { signal });
      },
      stop.signal,
    );
    await expect(jobs).rejects.toBe(reason);
    expect(begun).toBe(isEarly ? 0 : 2);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
