// Bench of the load that a served model can handle, by model, precision, article length and cores: an operator chooses the
// size of a machine by it. The command line starts the server on these cores (taskset), and the server chooses its number
// of workers. Each user sends the next request at once; there are twice as many users as its threads take at a time. The
// bench also writes the table of docs/serving.md.
// npx tsx bench/capacity.ts [--allow-busy] [--quick] [--check]     (needs dist: npm run build)
// --quick: rounds of a second, to see that it runs. --check: leaves docs/serving.md unchanged.
// VERACITY_BENCH_CORES="1 2 4" (default "1 2").
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePoolSize, readMachine } from '../src/judging/predict/pool-size.ts';
import { createArticleBodies, type LoadTestResult, runLoad } from '../src/serving/loadtest/index.ts';
import {
  type CapacityModel,
  createArticle,
  createModels,
  FIRST_NUMBER,
  type ModelName,
} from './capacity-models.ts';
import { CAPACITY, CAPACITY_COLUMNS, writeCapacityPage } from './capacity-table.ts';
import { saveDetails } from './details.ts';
import { runSuite, type Suite } from './harness.ts';
import { startServing } from './serving-side.ts';
import { repositoryRoot } from './sides.ts';

const QUICK = process.argv.includes('--quick');
/** A slower model needs a longer round for enough responses. */
const SECONDS: Readonly<Record<ModelName, number>> = { linear: 4, compact: 6, 'DistilBERT-size': 8 };
/** Duration with one user, which warms up and gives the latency of a lone request; then until all users have started. */
const [ALONE_SECONDS, WARM_UP_SECONDS] = QUICK ? [0.3, 0] : [1, 1];
/** Padded tokens in one batch of a thread (serve.batch.max_tokens on a processor). */
const BATCH_TOKENS = 256;
/** The queue refuses no request, because the threads are measured. */
const NEVER_REFUSED_MS = 600_000;
const MB = 1e6;
const CLI = join(repositoryRoot, 'dist/cli.js');

const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const notes: string[] = [];
const rows: (string | number)[][] = [];
try {
  process.stderr.write('  writing the models\n');
  const models = await createModels(folder);
  const places = listPlaces();
  await runSuite(CAPACITY, async (suite) => {
    for (const place of places) for (const model of models) await measure(suite, model, place);
  });
  notes.push(
    `Each user sends the next request at once; there are twice as many users as the threads take together (${BATCH_TOKENS} tokens a thread), and every request has another article. There is no cache, no request is refused, and receipts are kept. "alone": one user. "full" is the latency of a server with no core to spare: plan with less.`,
    'memory: the peak of the process up to then, with one worker on each core. generator: cores that the load generator used; if server and generator share all cores, the server had less, so requests/s is a lower bound.',
    `Tokens include [CLS] and [SEP]; for the linear model they are words. Weights are random and take as much time as trained ones.${QUICK ? ' **Rounds of one second (--quick): the figures mean nothing.**' : ''}`,
  );
  const title = 'Capacity of a server';
  saveDetails(CAPACITY, { tables: [{ title, columns: CAPACITY_COLUMNS, rows }], notes });
  if (!process.argv.includes('--check')) writeCapacityPage();
} finally {
  rmSync(folder, { recursive: true });
}

interface Place {
  readonly cores: number;
  /** Put before the command of the server: binds it to its cores. */
  readonly prefix: readonly string[];
  /** Binds this process, which generates the load, to the other cores, if there are any. */
  readonly stepAside: () => void;
}

function listPlaces(): Place[] {
  const all = listCores();
  const numbers = (process.env.VERACITY_BENCH_CORES ?? '1 2').split(' ').map(Number);
  if (all === null || spawnSync('taskset', ['--version']).error !== undefined) {
    notes.push('taskset is not here (it is a program of Linux): measured on all cores only.');
    const { cores } = readMachine();
    return [{ cores, prefix: [], stepAside: () => {} }];
  }
  return numbers.flatMap((cores) => {
    if (cores > all.length) {
      notes.push(`${cores} cores left out: this process may use ${all.length}.`);
      return [];
    }
    const others = all.slice(cores);
    const list = (others.length > 0 ? others : all).join(',');
    return {
      cores,
      prefix: ['taskset', '-c', all.slice(0, cores).join(',')],
      stepAside: () => void spawnSync('taskset', ['-a', '-c', '-p', list, String(process.pid)]),
    };
  });
}

/** Numbers of the cores that this process may use; null where the system does not report them. */
function listCores(): number[] | null {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '';
    return list.split(',').flatMap((range) => {
      const [low = 0, high = low] = range.split('-').map(Number);
      return Array.from({ length: high - low + 1 }, (_, i) => low + i);
    });
  } catch {
    return null;
  }
}

async function measure(suite: Suite, model: CapacityModel, place: Place): Promise<void> {
  const { cores, prefix, stepAside } = place;
  const { memoryBytes } = readMachine();
  const request = { threads: 0, workers: 0, device: 'cpu', modelBytes: model.bytes } as const;
  const { workers } = choosePoolSize(request, { cores, memoryBytes });
  if (workers !== cores)
    notes.push(`${model.name}, ${model.precision}, ${cores} cores: memory allows ${workers} workers only.`);
  const articles = await Promise.all(model.lengths.map((length) => createArticle(model, length)));
  stepAside();
  const server = await startServing(
    {
      argv: (port) => [
        ...prefix,
        ...[process.execPath, CLI, 'serve', '--port', String(port), '--model', model.folder],
        ...[
          'serve.cache.max_entries=0',
          `serve.queue.max_wait_ms=${NEVER_REFUSED_MS}`,
          'serve.log_level=warn',
        ],
      ],
      environment: { VERACITY_HOME: join(folder, 'home') },
    },
    JSON.stringify(articles[0]),
  );
  try {
    let next = FIRST_NUMBER;
    for (const [i, length] of model.lengths.entries()) {
      const ask = async (users: number, seconds: number, warmUpSeconds: number): Promise<LoadTestResult> => {
        const bodies = createArticleBodies([articles[i]!], next);
        const result = await sendArticles(server.url, bodies, { users, seconds, warmUpSeconds });
        next += result.counts.answered;
        if (next > 900_000) next = FIRST_NUMBER; // six digits, always
        return result;
      };
      const alone = await ask(1, ALONE_SECONDS, 0);
      const users = workers * Math.max(2, Math.floor((2 * BATCH_TOKENS) / length));
      const full = await ask(users, QUICK ? 1 : SECONDS[model.name], WARM_UP_SECONDS);
      record(suite, model, { length, cores, users, alone, full, peakBytes: server.peakBytes() });
    }
  } finally {
    await server.close();
  }
}

/** @throws if a response is not a prediction */
async function sendArticles(
  url: string,
  bodies: ReturnType<typeof createArticleBodies>,
  { users, seconds, warmUpSeconds }: { users: number; seconds: number; warmUpSeconds: number },
): Promise<LoadTestResult> {
  const result = await runLoad({
    plan: {
      loop: 'closed',
      stages: [{ from: users, to: users, seconds: seconds + warmUpSeconds }],
      warmUpSeconds,
      thinkSeconds: { low: 0, high: 0 },
      paceSeconds: null,
    },
    target: {
      url: new URL('/v1/predict', url),
      headers: {},
      timeoutMs: 120_000,
      isAnswer: (body) => body.startsWith('{') && body.includes('"label"'),
    },
    bodies,
    signal: new AbortController().signal,
  });
  const { failed, rejected } = result.counts;
  if (failed + rejected > 0)
    throw new Error(
      `${failed} requests failed, ${rejected} were refused: ${JSON.stringify(result.failures)}`,
    );
  return result;
}

interface Measured {
  readonly length: number;
  readonly cores: number;
  readonly users: number;
  readonly alone: LoadTestResult;
  readonly full: LoadTestResult;
  readonly peakBytes: number | null;
}

function record(
  suite: Suite,
  { name, precision }: CapacityModel,
  { length, cores, users, alone, full, peakBytes }: Measured,
): void {
  const rate = full.answeredPerSecond;
  const { cpuShare } = full.generator;
  suite.record({
    name: `${name}, ${precision}, ${length} tokens, ${cores} ${cores === 1 ? 'core' : 'cores'}`,
    unit: 'requests/s',
    better: 'higher',
    values: [rate],
    note: `${users} users, ${full.counts.answered} answers`,
  });
  rows.push([
    ...[name, precision, length, cores, round(rate), Math.round((rate * length) / cores)],
    ...[alone.latencyMs.p50, full.latencyMs.p50, full.latencyMs.p99].map((ms) =>
      ms === null ? '' : round(ms),
    ),
    peakBytes === null ? '' : Math.round(peakBytes / MB),
    cpuShare.toFixed(2),
  ]);
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
