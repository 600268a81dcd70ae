// 10,000 hostile requests from a seed, against a real server with a real model: no 5xx, no crash, nothing reflected,
// nothing logged, no memory kept. Another seed: VERACITY_FUZZ_SEED=7.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/foundation/core/logger.ts';
import { createRandom } from '../../src/foundation/core/random.ts';
import { type RunningServer, startServer } from '../../src/public/serve.ts';
import { CANARY, createHostileRequest, type HostileRequest, MARKUP } from './hostile-requests.ts';
import { createRealModel } from './real-model.ts';

const REQUESTS = 10_000;
const AT_ONCE = 24;
const SEED = Number(process.env.VERACITY_FUZZ_SEED ?? 42);
/** A request without a response after this time has none. */
const GIVE_UP_MS = 120_000;

let root = '';
let server: RunningServer;
const leaks: string[] = [];
const failures: string[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'veracity-fuzz-'));
  createRealModel(join(root, 'model'));
  server = await startServer({
    modelFolder: join(root, 'model'),
    modelVersion: 'compact@1',
    port: 0,
    threads: 1,
    limits: { headerSeconds: 1, bodySeconds: 1, maxUploads: AT_ONCE },
    queue: { maxWaitMs: 1e6 }, // a slow machine is not full: 503 would be a fault here
    logger: createLogger('debug', {
      write: (line) => {
        if (line.includes(CANARY)) leaks.push(line);
        if (line.includes('request failed')) failures.push(line);
      },
    }),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

const statusOf = (answer: string): string => /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 'none';

/** All bytes received until the connection ends. */
function send(port: number, { bytes, stalls }: HostileRequest): Promise<{ answer: string; ended: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const finish = (ended: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answer: Buffer.concat(chunks).toString('latin1'), ended });
    };
    const timer = setTimeout(() => finish(false), GIVE_UP_MS);
    const socket = connect(port, '127.0.0.1', () => {
      if (stalls) socket.write(bytes);
      else socket.write(bytes, () => {});
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // the response is complete, although keep-alive leaves the connection open
      if (stalls && /^HTTP\/1.1 200 /.test(chunk.toString('latin1'))) setTimeout(() => finish(true), 50);
    });
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
  });
}

describe('10,000 hostile requests', () => {
  test(`cause no 5xx and no crash, and no response repeats what they sent (seed ${SEED})`, async () => {
    const port = Number(new URL(server.url).port);
    const random = createRandom(SEED, 'hostile');
    const requests = Array.from({ length: REQUESTS }, () => createHostileRequest(random));
    const statuses = new Map<string, number>();
    const wrong: string[] = [];
    let next = 0;
    let rssAtHalf = 0;
    const work = async (): Promise<void> => {
      while (next < requests.length) {
        const index = next++;
        if (index === REQUESTS / 2) rssAtHalf = process.memoryUsage().rss;
        const hostile = requests[index]!;
        let { answer, ended } = await send(port, hostile);
        // a machine that paused for a second makes the client look slow: a second attempt must not be
        if (!hostile.stalls && statusOf(answer) === '408') ({ answer, ended } = await send(port, hostile));
        const status = statusOf(answer);
        statuses.set(`${hostile.kind} ${status}`, (statuses.get(`${hostile.kind} ${status}`) ?? 0) + 1);
        const says = (what: string): void => {
          wrong.push(
            `${what}: request ${index} (${hostile.kind}): ${hostile.bytes.toString('latin1', 0, 200)} -> ${answer.slice(0, 300)}`,
          );
        };
        if (!ended) says('the server waits');
        if (status.startsWith('5')) says('5xx');
        if (status === '408' && !hostile.stalls) says('called slow');
        if (status === 'none' && !hostile.malformed) says('no answer');
        if (answer.includes(MARKUP) || /<script>zq9/i.test(answer)) says('reflected');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    console.log(JSON.stringify(Object.fromEntries([...statuses].sort())));
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(leaks.slice(0, 3)).toEqual([]);
    expect(failures.slice(0, 3)).toEqual([]);
    // each kind got responses, and some requests are valid
    expect([...statuses.keys()].some((key) => key.endsWith(' 200'))).toBe(true);
    expect(process.memoryUsage().rss - rssAtHalf).toBeLessThan(300e6);
  });

  test('leave a server that still predicts', async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const response = await fetch(`${server.url}/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"Ferry","text":"It sailed."}',
    });
    expect(response.status).toBe(200);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).not.toContain(CANARY);
    expect(metrics).toMatch(/^veracity_predictions_in_flight 0$/m);
    expect(metrics).not.toContain('code="INTERNAL_BUG"');
  });
});
