// Bench of predictions over HTTP by a model of compact's size (4 x 256, 256 tokens, every article fills them): one article
// at a time, articles that arrive at a fixed rate, ten users at once, batches, and the latency of /healthz during that load.
// Weights are random: they take as much time as trained ones. At the fixed rate, latency counts from the moment a request
// was due, so a stall counts in every request that waits behind it. Users who wait for a response before they send the next
// request would hide it.
// npx tsx bench/predict.ts [--allow-busy] [model folder]     (needs dist: npm run build)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '../src/public/serve.ts';
import { createRealModel } from '../test/serve/real-model.ts';
import { saveDetails } from './details.ts';
import { runSuite, type Suite } from './harness.ts';
import { assertClose, THREADS, timeMs } from './sides.ts';

const SUITE = 'predict';
const ROUNDS = 3;
const WARM_UPS = 20;
const SINGLE_REQUESTS = 100;
const RATE_REQUESTS = 100;
const RATE_PER_SECOND = 10;
const USERS = 10;
const REQUESTS_EACH = 10;
const BATCH_ARTICLES = 128;

interface Answer {
  readonly probabilities: Readonly<Record<string, number>>;
}

// About 330 words: longer than 256 tokens, so that every article fills the model.
const text = 'The council said on Tuesday that the ferry and the harbour road stay open. '.repeat(24);
const article = (index: number) => ({ title: `Report ${index}`, text });

const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const given = process.argv.slice(2).find((arg) => !arg.startsWith('--'));
if (given === undefined) createRealModel(folder, { layers: 4, width: 256, maxTokens: 256 });
const server = await startServer({ modelFolder: given ?? folder, port: 0, threads: THREADS });
try {
  await checkAnswers();
  for (let i = 0; i < WARM_UPS; i++) await post(article(i));
  await runSuite(
    SUITE,
    async (suite) => {
      const rounds: Awaited<ReturnType<typeof measureRound>>[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound());
      recordLatency(
        suite,
        'one at a time',
        rounds.map(({ single }) => single),
        [50, 99],
      );
      recordLatency(
        suite,
        `${RATE_PER_SECOND} a second, as they come`,
        rounds.map(({ atRate }) => atRate),
        [50, 95, 99],
      );
      recordLatency(
        suite,
        `${USERS} users at once`,
        rounds.map(({ users }) => users),
        [50, 99],
      );
      const perSecond = (name: string, unit: string, values: readonly number[]): unknown =>
        suite.record({ name, unit, better: 'higher', values });
      const requests = USERS * REQUESTS_EACH * 1000;
      perSecond(
        `${USERS} users at once`,
        'requests/s',
        rounds.map(({ usersMs }) => requests / usersMs),
      );
      const articles = BATCH_ARTICLES * 1000;
      perSecond(
        `batches of ${BATCH_ARTICLES}`,
        'articles/s',
        rounds.map(({ batchMs }) => articles / batchMs),
      );
      recordLatency(
        suite,
        '/healthz during a batch',
        rounds.map(({ health }) => health),
        [50, 99],
      );
    },
    { threads: THREADS },
  );
  const counts = `${SINGLE_REQUESTS} requests one at a time, ${RATE_REQUESTS} at the fixed rate, ${USERS * REQUESTS_EACH} of ten users`;
  saveDetails(SUITE, {
    tables: [],
    notes: [
      `Each round has ${counts}; a percentile's median, least and greatest are those of ${ROUNDS} rounds. Client and server share the machine.`,
      'Probabilities of a batch equal those of single requests within 1e-5; checked first.',
    ],
  });
} finally {
  await server.close();
  rmSync(folder, { recursive: true });
}

async function post(body: object): Promise<unknown> {
  const response = await fetch(`${server.url}/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

async function checkAnswers(): Promise<void> {
  const articles = Array.from({ length: 8 }, (_, index) => article(index));
  const { predictions } = (await post({ articles })) as { predictions: readonly Answer[] };
  for (const [index, one] of articles.entries()) {
    const { probabilities } = (await post(one)) as Answer;
    for (const [name, value] of Object.entries(probabilities))
      assertClose(`P(${name}) of article ${index}`, predictions[index]!.probabilities[name]!, value, 1e-5);
  }
}

async function measureRound() {
  const single: number[] = [];
  for (let i = 0; i < SINGLE_REQUESTS; i++) single.push(await timeMs(() => post(article(i))));

  const startMs = performance.now();
  const atRate = await Promise.all(
    Array.from({ length: RATE_REQUESTS }, async (_, i) => {
      const dueMs = startMs + (i * 1000) / RATE_PER_SECOND;
      await pause(dueMs - performance.now());
      await post(article(i));
      return performance.now() - dueMs;
    }),
  );

  const users: number[] = [];
  const usersMs = await timeMs(() =>
    Promise.all(
      Array.from({ length: USERS }, async () => {
        for (let i = 0; i < REQUESTS_EACH; i++) users.push(await timeMs(() => post(article(i))));
      }),
    ),
  );

  let running = true;
  const health: number[] = [];
  const watch = (async () => {
    while (running) {
      health.push(await timeMs(async () => (await fetch(`${server.url}/healthz`)).arrayBuffer()));
      await pause(10); // a monitor, not a load
    }
  })();
  const articles = Array.from({ length: BATCH_ARTICLES }, (_, index) => article(index));
  const batchMs = await timeMs(() => post({ articles }));
  running = false;
  await watch;
  return { single, atRate, users, usersMs, health, batchMs };
}

function recordLatency(
  suite: Suite,
  name: string,
  rounds: readonly (readonly number[])[],
  percentiles: readonly number[],
): void {
  for (const percentile of percentiles) {
    const values = rounds.map((times) => {
      const sorted = times.toSorted((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percentile) / 100) - 1)]!;
    });
    suite.record({ name: `${name}, p${percentile}`, unit: 'ms', better: 'lower', values });
  }
}
