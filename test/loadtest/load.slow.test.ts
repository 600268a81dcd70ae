// Tests a stall on real connections and the machine's clock. So it asserts only what a busy machine cannot change: that no
// request waited less. simulated-load.test.ts asserts the exact figures.
import { afterEach, describe, expect, it } from 'vitest';
import { createArticleBodies, type LoadPlan, runLoad } from '../../src/serving/loadtest/index.ts';
import { type SlowServer, startSlowServer } from './slow-server.ts';

let server: SlowServer;
afterEach(() => server.close());
const articles = [{ title: 'Ferry resumes', text: 'The ferry sailed on Tuesday. '.repeat(40) }];

async function run(plan: LoadPlan) {
  server = await startSlowServer({ stall: { fromMs: 1000, toMs: 2000 } });
  const url = new URL(`${server.url}/v1/predict`);
  return runLoad({
    plan,
    target: { url, headers: {}, timeoutMs: 60_000, isAnswer: () => true },
    bodies: createArticleBodies(articles, 1),
    signal: new AbortController().signal,
  });
}

describe('a stall of one second of a real server', () => {
  it('shows in the open loop, in all requests that were due during the stall', async () => {
    const { latencyMs, counts } = await run({
      loop: 'open',
      stages: [{ from: 50, to: 50, seconds: 4 }],
      warmUpSeconds: 0,
      arrivals: 'steady',
      maxInFlight: 1000,
    });
    expect(counts).toMatchObject({ due: 200, answered: 200 });
    // a quarter of the requests was due in the stall: p95 waited 0.8 s of it
    expect(latencyMs.p95).toBeGreaterThan(700);
  });

  it('hardly shows in the closed loop, whose users send nothing during the stall', async () => {
    const { latencyMs, counts } = await run({
      loop: 'closed',
      stages: [{ from: 2, to: 2, seconds: 4 }],
      warmUpSeconds: 0,
      thinkSeconds: { low: 0.02, high: 0.02 },
      paceSeconds: null,
    });
    expect(counts.failed + counts.rejected).toBe(0);
    expect(latencyMs.max).toBeGreaterThan(900);
    expect(latencyMs.p50).toBeLessThan(700);
  });
});
