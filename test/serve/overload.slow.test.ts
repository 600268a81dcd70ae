// Ten times more requests than the server can handle: it stays up and small, refuses at once, serves admitted requests
// about as fast as without load, and stays alive. Percentiles count from the moment a request was due (open loop).
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLightSender, type LightSender, type Received } from './light-sender.ts';
import { createRealModel } from './real-model.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
/** Two minutes by hand: OVERLOAD_SECONDS=120 */
const SECONDS = Number(process.env.OVERLOAD_SECONDS ?? 12);
/** The first burst may wait as long as serve.queue.max_wait_ms allows; from then on the server is overloaded. */
const BURST_SECONDS = 2;
/** Above this limit the sender would measure itself. */
const LATE_MS = 50;

let root = '';
let server: ChildProcess;
let url = '';
let sender: LightSender;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'veracity-overload-'));
  createRealModel(join(root, 'compact'), { layers: 4, width: 256, maxTokens: 256 }); // the size of `compact`
  server = spawn(
    process.execPath,
    [CLI, 'serve', '--port', '0', '--model', 'compact', 'serve.log_level=error'],
    {
      cwd: root,
      env: { ...process.env, VERACITY_HOME: join(root, 'home') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk;
      const found = /serving .* at (http:\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    server.stdout!.on('data', read);
    server.stderr!.on('data', read);
    server.on('exit', (code) => reject(new Error(`exit ${code}: ${output}`)));
  });
  sender = createLightSender(url);
});
afterAll(() => {
  sender.close();
  server.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

let count = 0;

/** A new article of about 1,400 characters. */
function judge(dueMs = performance.now()): Promise<Received> {
  const words = 'ferry harbour council report water price season vote mayor road '.repeat(22);
  return sender.post('/v1/predict', JSON.stringify({ title: `Report ${count++}`, text: words }), dueMs);
}

async function readMetric(name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)![1]);
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

/** Several clients that send the next request as soon as they get a response. */
async function measureRate(users: number, seconds: number): Promise<number> {
  const startMs = performance.now();
  let answered = 0;
  const user = async (): Promise<void> => {
    while (performance.now() - startMs < seconds * 1000) {
      expect((await judge()).status).toBe(200);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: users }, user));
  return answered / ((performance.now() - startMs) / 1000);
}

test('withstands ten times the rate that it can sustain', async () => {
  await measureRate(4, 1);
  const alone: number[] = [];
  for (let turn = 0; turn < 100; turn++) alone.push((await judge()).ms);
  const rate = await measureRate(8, 3);
  const bytesBefore = await readMetric('process_resident_memory_bytes');

  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const answers: { dueMs: number; answer: Promise<Received> }[] = [];
  const lateMs: number[] = [];
  const health: number[] = [];
  const watch = (async () => {
    while (performance.now() - startMs < SECONDS * 1000) {
      const askedMs = performance.now();
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      health.push(performance.now() - askedMs);
      await sleep(50);
    }
  })();
  for (let sent = 0; ; ) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs > SECONDS * 1000) break;
    for (; sent < (elapsedMs / 1000) * rate * 10; sent++) {
      const dueMs = startMs + (sent / (rate * 10)) * 1000;
      lateMs.push(performance.now() - dueMs);
      answers.push({ dueMs: dueMs - startMs, answer: judge(dueMs) });
    }
    await sleep(1);
  }
  await watch;
  const { user, system } = process.cpuUsage(cpuBefore);
  const done = await Promise.all(answers.map(async ({ dueMs, answer }) => ({ dueMs, ...(await answer) })));
  const settled = done.filter(({ dueMs }) => dueMs > BURST_SECONDS * 1000);
  const admitted = settled.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const refused = settled.filter(({ status }) => status === 503);
  const grownMb = ((await readMetric('process_resident_memory_bytes')) - bytesBefore) / 2 ** 20;
  const p50 = { alone: percentile(alone, 0.5), admitted: percentile(admitted, 0.5) };
  const p99 = { alone: percentile(alone, 0.99), admitted: percentile(admitted, 0.99) };
  console.log(
    `sustained ${rate.toFixed(0)}/s; offered ${(done.length / SECONDS).toFixed(0)}/s, answered ${(admitted.length / (SECONDS - BURST_SECONDS)).toFixed(0)}/s;`,
    `p50 alone ${p50.alone.toFixed(0)} ms, admitted ${p50.admitted.toFixed(0)} ms;`,
    `p99 alone ${p99.alone.toFixed(0)} ms, admitted ${p99.admitted.toFixed(0)} ms (p90 ${percentile(admitted, 0.9).toFixed(0)}), refused ${percentile(
      refused.map(({ ms }) => ms),
      0.99,
    ).toFixed(0)} ms;`,
    `healthz p50 ${percentile(health, 0.5).toFixed(0)} ms, p99 ${percentile(health, 0.99).toFixed(0)} ms; ${grownMb.toFixed(0)} MB more; sent late by p50 ${percentile(lateMs, 0.5).toFixed(0)} ms, p99 ${percentile(lateMs, 0.99).toFixed(0)} ms, taking ${((user + system) / 1e6 / SECONDS).toFixed(2)} cores`,
  );

  expect(server.exitCode).toBe(null);
  expect(new Set(done.map(({ status }) => status))).toEqual(new Set([200, 503]));
  for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  expect(grownMb).toBeLessThan(100);
  expect((await judge()).status).toBe(200);
  if (percentile(lateMs, 0.5) > LATE_MS) {
    console.log(
      'this machine was too busy to send in time: the latencies are partly its own, and were not judged',
    );
    return;
  }
  // Medians, since other programs may take the cores for a moment; what they do to the 99th percentiles stands in
  // docs/lab-notes.md. Requests that wait as long as serve.queue.max_wait_ms allows would take a second.
  expect(percentile(health, 0.5)).toBeLessThan(250);
  expect(p50.admitted).toBeLessThan(5 * Math.max(p50.alone, 50));
});
