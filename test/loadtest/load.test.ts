// Tests what one load test sends, counts and leaves behind, on a real server.
import { afterEach, describe, expect, it } from 'vitest';
import {
  createArticleBodies,
  type LoadPlan,
  runLoad,
  type SenderOptions,
} from '../../src/serving/loadtest/index.ts';
import { type SlowServer, type SlowServerOptions, startSlowServer } from './slow-server.ts';

let server: SlowServer;
afterEach(() => server.close());
const articles = [
  { title: 'Ferry resumes', text: 'It sailed.' },
  { title: 'Moon sold', text: 'A council sold it.' },
];

async function run(
  plan: LoadPlan,
  options: SlowServerOptions,
  more: Partial<SenderOptions> = {},
  stopMs = 0,
) {
  server = await startSlowServer(options);
  const stop = new AbortController();
  const target = {
    url: new URL(`${server.url}/v1/predict`),
    headers: {},
    timeoutMs: 60_000,
    isAnswer: (body: string) => body.includes('label'),
    ...more,
  };
  const onTick = () => {
    if (stopMs > 0) stop.abort();
    return undefined;
  };
  return runLoad({ plan, target, bodies: createArticleBodies(articles, 1), signal: stop.signal, onTick });
}

const open = (rate: number, seconds: number, warmUpSeconds = 0): LoadPlan => ({
  loop: 'open',
  stages: [{ from: rate, to: rate, seconds }],
  warmUpSeconds,
  arrivals: 'steady',
  maxInFlight: 100,
});
const closed = (users: number, seconds: number): LoadPlan => ({
  loop: 'closed',
  stages: [{ from: users, to: users, seconds }],
  warmUpSeconds: 0,
  thinkSeconds: { low: 0.02, high: 0.02 },
  paceSeconds: null,
});

describe('an open loop', () => {
  it('sends what is due, each request different, over connections that are used again', async () => {
    const { counts, complete, timeline, generator } = await run(open(120, 0.5), {});
    expect(counts).toEqual({ due: 60, answered: 60, rejected: 0, failed: 0, unsent: 0 });
    expect(complete).toBe(true);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(60);
    expect(server.connections()).toBeLessThan(60);
    expect(timeline.reduce((sum, row) => sum + row.sent, 0)).toBe(60);
    expect(generator.cpuShare).toBeGreaterThan(0);
  });

  it('leaves the warm-up out of all but the timeline', async () => {
    const { counts, seconds, timeline } = await run(open(80, 0.5, 0.25), {});
    expect(counts.due).toBe(20);
    expect(seconds).toBeCloseTo(0.25, 3);
    expect(timeline.reduce((sum, row) => sum + row.answered, 0)).toBe(40);
  });
});

describe('a closed loop', () => {
  it('has no more requests in progress than users', async () => {
    const { timeline, counts } = await run(closed(3, 0.5), { serviceMs: 30 });
    expect(Math.max(...timeline.map((row) => row.inFlight))).toBe(3);
    expect(counts.answered).toBeGreaterThan(3);
    expect(counts.answered).toBeLessThan(22); // 33 a second at the most
  });

  it('sends again after a rejection only when Retry-After has passed', async () => {
    const { counts } = await run(closed(2, 1), { queue: 0 });
    expect(counts.rejected).toBeLessThanOrEqual(4); // Retry-After is one second
    expect(counts.rejected).toBeGreaterThanOrEqual(2);
    expect(counts.failed).toBe(0);
  });
});

describe('what goes wrong', () => {
  it('is counted by class: an error, another response, no response in time, no server', async () => {
    const reasonOf = async (options: SlowServerOptions, more: Partial<SenderOptions> = {}) => {
      const result = await run(open(50, 0.1), options, more);
      await server.close();
      return { ...result.failures, counted: result.latencyMs.count };
    };
    expect(await reasonOf({ status: 500 })).toEqual({ 'HTTP 500': 5, counted: 0 });
    expect(await reasonOf({ status: 503 })).toEqual({ 'HTTP 503': 5, counted: 0 });
    expect(await reasonOf({ answer: '"hello"' })).toEqual({ 'an answer of another shape': 5, counted: 0 });
    // a request without a response in time took at least the timeout: it counts in the percentiles
    expect(await reasonOf({ serviceMs: 60_000 }, { timeoutMs: 200 })).toEqual({ timeout: 5, counted: 5 });
    expect(await reasonOf({}, { url: new URL('http://127.0.0.1:1/') })).toEqual({
      ECONNREFUSED: 5,
      counted: 0,
    });
  });
});

describe('a test that is stopped', () => {
  it('returns at once with what was counted, without the requests in progress', async () => {
    const startMs = performance.now();
    const { complete, counts, seconds } = await run(open(50, 600), { serviceMs: 60_000 }, {}, 1);
    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect(complete).toBe(false);
    expect(counts.failed).toBe(0);
    expect(seconds).toBeLessThan(30);
  });
});
