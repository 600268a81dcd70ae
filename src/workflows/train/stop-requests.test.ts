import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { followStopRequests } from './stop-requests.ts';
import { startSystemSamples } from './system-samples.ts';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

describe('requests to stop', () => {
  it('abort the signal once the store has one for the run', async () => {
    let asked = '';
    const runs = { isStopRequested: async (id: string) => id === asked };
    const stops = followStopRequests(runs, new AbortController().signal, 2);
    stops.watch('run-a');
    await wait(10);
    expect(stops.signal.aborted).toBe(false);
    asked = 'run-a';
    await aborted(stops.signal);
    expect(stops.signal.reason).toMatchObject({ code: 'STOPPED', message: 'stopped by a request' });
    stops.end();
  });

  it('survive a store that is away', async () => {
    let looks = 0;
    const runs = {
      isStopRequested: async () => {
        if (looks++ === 0) throw new Error('away');
        return true;
      },
    };
    const stops = followStopRequests(runs, new AbortController().signal, 2);
    stops.watch('run-a');
    await aborted(stops.signal);
    stops.end();
  });

  it('leave the reason of Ctrl-C as it is', () => {
    const outer = new AbortController();
    const stops = followStopRequests({ isStopRequested: async () => false }, outer.signal);
    outer.abort('SIGINT');
    expect(stops.signal.reason).toBe('SIGINT');
  });
});

describe('samples of the system', () => {
  it('tell processor time as a share of all cores, and memory', async () => {
    const clock = { monotonicMs: () => performance.now() };
    const sample = await new Promise<Readonly<Record<string, number>>>((resolve) => {
      const end = startSystemSamples(0.05, clock, (values) => {
        end();
        resolve(values);
      });
      const until = performance.now() + 60;
      while (performance.now() < until);
    });
    expect(sample.system_cpu_percent).toBeGreaterThan(0);
    expect(sample.system_cpu_percent).toBeLessThanOrEqual(150);
    expect(sample.system_memory_bytes).toBeGreaterThan(1e7);
  });

  it('are not taken when they are switched off', () => {
    expect(() => startSystemSamples(null, { monotonicMs: () => 0 }, () => {})()).not.toThrow();
  });
});
