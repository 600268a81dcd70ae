// Tests what load tests measure, in simulated time on a server with known speed, where arithmetic gives the right result.
// load.test.ts and load.slow.test.ts run the same loops on real connections.
import { describe, expect, it } from 'vitest';
import {
  createArticleBodies,
  findRate,
  type LoadPlan,
  parseThresholds,
  runLoad,
  type SenderOptions,
} from '../../src/serving/loadtest/index.ts';
import type { QueueOptions } from './queue-model.ts';
import { createSimulatedServer, simulate } from './simulated-load.ts';

const target: SenderOptions = {
  url: new URL('http://localhost/'),
  headers: {},
  timeoutMs: 0,
  isAnswer: () => true,
};
const never = new AbortController().signal;
const newBodies = () => createArticleBodies([{ title: 'Ferry resumes', text: 'It sailed.' }], 1);

const open = (rate: number, seconds: number, maxInFlight = 1000): LoadPlan => ({
  loop: 'open',
  stages: [{ from: rate, to: rate, seconds }],
  warmUpSeconds: 0,
  arrivals: 'steady',
  maxInFlight,
});
const closed = (users: number, seconds: number, think = 0.02): LoadPlan => ({
  loop: 'closed',
  stages: [{ from: users, to: users, seconds }],
  warmUpSeconds: 0,
  thinkSeconds: { low: think, high: think },
  paceSeconds: null,
});
const run = (plan: LoadPlan, options: QueueOptions) => {
  const createSender = createSimulatedServer(options);
  return simulate(() => runLoad({ plan, target, bodies: newBodies(), signal: never, createSender }));
};

describe('a stall of one second', () => {
  const stall = { fromMs: 4000, toMs: 5000 };

  it('shows in the open loop, in all requests that were due during the stall', async () => {
    const { latencyMs, counts } = await run(open(50, 10), { stall });
    expect(counts).toMatchObject({ due: 500, answered: 500 });
    // a tenth of the requests was due in the stall: p99 waited 0.9 s of it, p95 half of it
    expect(latencyMs.p99! / 900).toBeCloseTo(1, 1);
    expect(latencyMs.p95! / 500).toBeCloseTo(1, 1);
    expect(latencyMs.p50).toBeLessThan(2);
  });

  it('hardly shows in the closed loop, whose users send nothing during the stall', async () => {
    const { latencyMs, counts } = await run(closed(2, 10), { stall });
    // 9 s of one request a user each 20 ms
    expect(counts.answered / 900).toBeCloseTo(1, 1);
    expect(latencyMs.p99).toBeLessThan(2);
    expect(latencyMs.max).toBeGreaterThan(970);
  });
});

describe('a load above what the server can handle', () => {
  it('makes the queue grow, and latency counts from the moment each request was due', async () => {
    // 40 a second for 5 s at 30 ms each: the last of 200 is answered after 6 s, one second late
    const { latencyMs, answeredPerSecond } = await run(open(40, 5), { serviceMs: 30 });
    expect(latencyMs.max! / 1025).toBeCloseTo(1, 1);
    expect(latencyMs.p50! / 525).toBeCloseTo(1, 1);
    expect(answeredPerSecond).toBeCloseTo(1000 / 30, 0);
  });

  it('waits for a free connection if few may be in progress, and that wait counts too', async () => {
    const { latencyMs, serviceMs, counts } = await run(open(40, 4, 2), { serviceMs: 50 });
    expect(serviceMs.p99! / 100).toBeCloseTo(1, 1);
    expect(latencyMs.p99! / 2000).toBeCloseTo(1, 1);
    expect(counts.due).toBe(160);
    expect(counts.answered).toBeGreaterThanOrEqual(80); // 20 a second
    expect(counts.answered).toBeLessThanOrEqual(82);
    expect(counts.unsent).toBe(160 - counts.answered);
  });

  it('is rejected, and counted apart from failures', async () => {
    const { counts, latencyMs } = await run(open(40, 4), { serviceMs: 50, queue: 3 });
    expect(counts.failed).toBe(0);
    expect(counts.answered + counts.rejected).toBe(160);
    expect(counts.answered).toBeGreaterThanOrEqual(80);
    expect(counts.answered).toBeLessThanOrEqual(83);
    expect(latencyMs.max).toBeLessThan(155); // of admitted requests, at most three at a time
  });
});

describe('--find-rate', () => {
  const find = (options: QueueOptions, users: number | null, limits = 'p99=250,errors=1%') => {
    const createSender = createSimulatedServer(options);
    return simulate(() =>
      findRate({
        limits: parseThresholds(limits, '--find-rate'),
        users,
        firstRate: null,
        probeSeconds: 10,
        arrivals: 'steady',
        target,
        bodies: newBodies(),
        signal: never,
        createSender,
      }),
    );
  };

  it('finds the rate of a server that handles 50 requests a second, with its uncertainty', async () => {
    const { found, measured } = await find({ serviceMs: 20 }, null);
    expect(found.rate).toBeGreaterThan(46);
    expect(found.rate).toBeLessThan(52);
    expect(found.missedAt).toBeGreaterThan(found.rate!);
    expect(found.missedAt! / found.rate!).toBeLessThan(1.07);
    expect(found.confirmed.of).toBeGreaterThanOrEqual(3);
    expect(found.confirmed.met).toBe(found.confirmed.of);
    expect(found.over?.requests).toBeGreaterThan(1000);
    expect(found.sureness).toMatchObject({
      code: 'RATE_SURE',
      probes: found.confirmed.of,
      met: found.confirmed.met,
      requests: found.over?.requests,
      over: 0,
      allowedShare: expect.closeTo(0.01, 5),
      complete: true,
    });
    expect(measured?.result.latencyMs.p99).toBeLessThanOrEqual(250);
  });

  it('counts only probes if the limits name no percentile', async () => {
    const { found } = await find({ serviceMs: 20 }, 5, 'mean=250');
    const { met, of } = found.confirmed;
    expect(found.sureness).toEqual({ code: 'RATE_MET', probes: of, met, complete: true });
  });

  it('lets users send as fast as they can if that already meets the limits', async () => {
    const { found } = await find({ serviceMs: 20 }, 5); // five wait 100 ms at most
    expect(found).toMatchObject({ asked: null, missedAt: null });
    expect(found.rate).toBeCloseTo(50, 0);
  });

  it('slows many users down until they meet the limits', async () => {
    const { found } = await find({ serviceMs: 20 }, 40); // as fast as they can, 40 would wait 800 ms
    expect(found.asked).not.toBeNull();
    expect(found.rate).toBeGreaterThan(45);
    expect(found.rate).toBeLessThan(51);
  });

  it('reports that no rate meets the limits', async () => {
    const { found, measured } = await find({ serviceMs: 20 }, null, 'p99=5');
    expect(found.rate).toBeNull();
    expect(measured).toBeNull();
    expect(found.sureness).toEqual({ code: 'RATE_NOT_FOUND' });
  });
});
