// What a served model of compact's size (4 x 256, 256 tokens) takes: start-up of the process, one article at a time,
// ten users at once, batches, and how long /healthz waits meanwhile. Weights are random: they cost what trained ones do.
// npx tsx bench/predict.ts [model folder]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServer } from '../src/serve/index.ts';
import { createRealModel } from '../test/serve/real-model.ts';

export interface PredictFigures {
  /** From spawning the process to its first answer. */
  readonly startUpMs: number;
  readonly single: Latency;
  /** Ten clients, each sending its next request when it has its answer. */
  readonly tenUsers: Latency & { readonly requestsPerSecond: number };
  readonly batchArticlesPerSecond: number;
  /** /healthz while batches run. */
  readonly healthz: Latency;
}

interface Latency {
  readonly n: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const SINGLE_REQUESTS = 200;
const USERS = 10;
const REQUESTS_EACH = 20;
const BATCHES = 2;
const BATCH_ARTICLES = 256;
const STARTS = 5;

// About 330 words: longer than 256 tokens, so that every article fills the model.
const text = 'The council said on Tuesday that the ferry and the harbour road stay open. '.repeat(24);
const article = (index: number) => ({ title: `Report ${index}`, text });

/** Measures a model folder served by this build. */
export async function measurePrediction(modelFolder: string): Promise<PredictFigures> {
  const starts: number[] = [];
  for (let i = 0; i < STARTS; i++) starts.push(await measureStartUp(modelFolder));
  const server = await startServer({ modelFolder, port: 0, threads: 0 });
  try {
    const post = async (body: object): Promise<void> => {
      const response = await fetch(`${server.url}/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    };
    for (let i = 0; i < 20; i++) await post(article(i));

    const single: number[] = [];
    for (let i = 0; i < SINGLE_REQUESTS; i++) single.push(await time(() => post(article(i))));

    const many: number[] = [];
    const manyMs = await time(async () => {
      await Promise.all(
        Array.from({ length: USERS }, async () => {
          for (let i = 0; i < REQUESTS_EACH; i++) many.push(await time(() => post(article(i))));
        }),
      );
    });

    let running = true;
    const health: number[] = [];
    const watch = (async () => {
      while (running) {
        health.push(await time(async () => (await fetch(`${server.url}/healthz`)).arrayBuffer()));
        await pause(10); // a monitor, not a load
      }
    })();
    const articles = Array.from({ length: BATCH_ARTICLES }, (_, index) => article(index));
    const batchMs = await time(async () => {
      for (let i = 0; i < BATCHES; i++) await post({ articles });
    });
    running = false;
    await watch;
    return {
      startUpMs: Math.round(median(starts)),
      single: summarize(single),
      tenUsers: { ...summarize(many), requestsPerSecond: round((USERS * REQUESTS_EACH * 1000) / manyMs) },
      batchArticlesPerSecond: round((BATCHES * BATCH_ARTICLES * 1000) / batchMs),
      healthz: summarize(health),
    };
  } finally {
    await server.close();
  }
}

/** `veracity serve` as a user starts it, until it answers. */
async function measureStartUp(modelFolder: string): Promise<number> {
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  const startMs = performance.now();
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0', '--model', modelFolder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stderr.on('data', (chunk) => {
        output += chunk;
        const found = /serving .* at (http:\S+)/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on('exit', () => reject(new Error(output)));
    });
    await (await fetch(`${url}/readyz`)).arrayBuffer();
    return performance.now() - startMs;
  } finally {
    child.kill('SIGTERM');
  }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function summarize(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
  return { n: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
  const given = process.argv[2];
  if (given === undefined) createRealModel(folder, { layers: 4, width: 256, maxTokens: 256 });
  console.log(JSON.stringify(await measurePrediction(given ?? folder), null, 2));
  rmSync(folder, { recursive: true });
}
