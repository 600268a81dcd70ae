// Load on a real server whose speed is known, so that the right answer is too.
import { afterEach, describe, expect, it } from 'vitest';
import {
  createArticleBodies,
  findRate,
  type LoadPlan,
  parseThresholds,
  runLoad,
  type SenderOptions,
} from '../../src/loadtest/index.ts';
import { type SlowServer, type SlowServerOptions, startSlowServer } from './slow-server.ts';

let server: SlowServer;
afterEach(() => server.close());
const never = new AbortController().signal;
const articles = [{ title: 'Ferry resumes', text: 'The ferry sailed on Tuesday. '.repeat(40) }];
const newBodies = () => createArticleBodies(articles, 1);

async function targetOf(options: SlowServerOptions, timeoutMs = 20_000): Promise<SenderOptions> {
  server = await startSlowServer(options);
  return { url: new URL(`${server.url}/v1/predict`), headers: {}, timeoutMs, isAnswer: () => true };
}

const open = (rate: number, seconds: number): LoadPlan => ({
  loop: 'open',
  stages: [{ from: rate, to: rate, seconds }],
  warmUpSeconds: 0,
  arrivals: 'steady',
  maxInFlight: 1000,
});
const closed = (users: number, seconds: number, think = 0.02): LoadPlan => ({
  loop: 'closed',
  stages: [{ from: users, to: users, seconds }],
  warmUpSeconds: 0,
  thinkSeconds: { low: think, high: think },
  paceSeconds: null,
});
const run = async (plan: LoadPlan, options: SlowServerOptions) =>
  runLoad({ plan, target: await targetOf(options), bodies: newBodies(), signal: never });

describe('a stall of one second', () => {
  const stall = { fromMs: 4000, toMs: 5000 };

  it('shows in the open loop, in all that were due meanwhile', async () => {
    const { latencyMs, counts } = await run(open(50, 10), { stall });
    expect(counts).toMatchObject({ due: 500, answered: 500 });
    // a tenth of the requests was due in the stall: p99 waited 0.9 s of it, p95 half of it
    expect(latencyMs.p99).toBeGreaterThan(800);
    expect(latencyMs.p95).toBeGreaterThan(400);
    expect(latencyMs.p50).toBeLessThan(100);
  });

  it('hides from the closed loop, whose users stopped asking', async () => {
    const { latencyMs, counts } = await run(closed(2, 10), { stall });
    expect(counts.answered).toBeGreaterThan(300);
    expect(latencyMs.p99).toBeLessThan(200);
    expect(latencyMs.max).toBeGreaterThan(900);
  });
});

describe('more than the server can do', () => {
  it('is a queue that grows, and counts from the moment each request was due', async () => {
    // 40 a second for 5 s at 30 ms each: the last of 200 is answered after 6 s, one second late
    const { latencyMs, answeredPerSecond } = await run(open(40, 5), { serviceMs: 30 });
    expect(latencyMs.max).toBeGreaterThan(950);
    expect(latencyMs.max).toBeLessThan(2000);
    expect(latencyMs.p50).toBeGreaterThan(400);
    expect(answeredPerSecond).toBeGreaterThan(28);
    expect(answeredPerSecond).toBeLessThan(34);
  });

  it('waits for a free connection where few may be under way, which counts too', async () => {
    const plan: LoadPlan = { ...open(40, 4), loop: 'open', arrivals: 'steady', maxInFlight: 2 };
    const { latencyMs, serviceMs, counts } = await run(plan, { serviceMs: 50 });
    expect(serviceMs.p99).toBeLessThan(250);
    expect(latencyMs.p99).toBeGreaterThan(1500);
    expect(counts.unsent).toBeGreaterThan(60);
    expect(counts.due).toBe(160);
  });

  it('is rejected, and counted apart from failures', async () => {
    const { counts, latencyMs } = await run(open(40, 4), { serviceMs: 50, queue: 3 });
    expect(counts.failed).toBe(0);
    expect(counts.rejected).toBeGreaterThan(50);
    expect(counts.answered + counts.rejected).toBe(160);
    expect(latencyMs.max).toBeLessThan(400); // of those that were let in
  });
});

describe('--find-rate', () => {
  const find = async (options: SlowServerOptions, users: number | null, limits = 'p99=250,errors=1%') =>
    findRate({
      limits: parseThresholds(limits, '--find-rate'),
      users,
      firstRate: null,
      probeSeconds: 2.5,
      arrivals: 'steady',
      target: await targetOf(options),
      bodies: newBodies(),
      signal: never,
    });

  it('finds what a server of 50 a second bears, and how sure that is', async () => {
    const { found, result } = await find({ serviceMs: 20 }, null);
    expect(found.rate).toBeGreaterThan(40);
    expect(found.rate).toBeLessThan(53);
    expect(found.missedAt).toBeGreaterThan(found.rate!);
    expect(found.confirmed.of).toBeGreaterThanOrEqual(3);
    expect(found.confirmed.met).toBeGreaterThanOrEqual(found.confirmed.of - 1);
    expect(found.over?.requests).toBeGreaterThan(250);
    expect(found.sureness).toMatch(/^met in \d of \d probes; \d+ of .* requests took longer/);
    expect(result?.latencyMs.p99).toBeLessThanOrEqual(250);
  });

  it('lets users ask as fast as they can where that already meets the limits', async () => {
    const { found } = await find({ serviceMs: 20 }, 5); // five wait 100 ms at most
    expect(found).toMatchObject({ asked: null, missedAt: null });
    expect(found.rate).toBeGreaterThan(40);
    expect(found.rate).toBeLessThan(53);
  });

  it('slows many users down until they meet the limits', async () => {
    const { found } = await find({ serviceMs: 20 }, 40); // as fast as they can, 40 would wait 800 ms
    expect(found.asked).not.toBeNull();
    expect(found.rate).toBeGreaterThan(35);
    expect(found.rate).toBeLessThan(53);
  });

  it('says so where no rate meets the limits', async () => {
    const { found, result } = await find({ serviceMs: 20 }, null, 'p99=5');
    expect(found.rate).toBeNull();
    expect(result).toBeNull();
    expect(found.sureness).toContain('no rate');
  });
});
