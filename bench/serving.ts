// Bench of servers with the same weights, threads and articles: ours in float32 and in the default precision, FastAPI +
// PyTorch, FastAPI + ONNX Runtime, transformers.js in Fastify. In each round each server is started anew, in turn. Measured
// are the time to the first prediction, the most requests a second with p99 <= 1 s for 10 and 100 users (veracity loadtest
// --find-rate, in a separate process), and peak memory. Predictions are compared first.
// npx tsx bench/serving.ts [--allow-busy]     (needs dist: npm run build)
// The other servers: VERACITY_PYTHON, and VERACITY_TRANSFORMERS_JS=FOLDER after
// `npm install @huggingface/transformers fastify` there.
// VERACITY_BENCH_ROUNDS (2), VERACITY_BENCH_PROBE (6, seconds), VERACITY_BENCH_HOME (a store with compact@1, kept).
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samplePath } from '../src/learning/data/index.ts';
import type { LoadReport } from '../src/serving/loadtest/index.ts';
import { cleanArticle } from '../src/text/clean/index.ts';
import { saveDetails } from './details.ts';
import { runSuite, type Suite } from './harness.ts';
import { type ServingCommand, startServing } from './serving-side.ts';
import { listRatios, medianOf, PYTHON, repositoryRoot, THREADS } from './sides.ts';

const SUITE = 'serving';
const ROUNDS = Number(process.env.VERACITY_BENCH_ROUNDS ?? 2);
const PROBE_SECONDS = Number(process.env.VERACITY_BENCH_PROBE ?? 6);
const TRANSFORMERS_JS = process.env.VERACITY_TRANSFORMERS_JS ?? null;
const USERS = [10, 100] as const;
const SLO_MS = 1000;
const COMPARED_ARTICLES = 24;
const FLOAT_TOLERANCE = 1e-4;
/** The most compared articles for which int8 may predict another class. */
const INT8_OTHERWISE = 1;
const CLI = join(repositoryRoot, 'dist/cli.js');
const MB = 1e6;

interface Side extends ServingCommand {
  readonly name: string;
  readonly exact: boolean;
  /** The version of our model that has to respond. */
  readonly version?: string;
}

interface Article {
  readonly title: string;
  readonly text: string;
}

interface Measured {
  readonly startUpMs: number;
  readonly peakBytes: number | null;
  /** Requests a second by number of users; 0 where no rate met the limit. */
  readonly rates: Readonly<Record<number, number>>;
  readonly sureness: string;
}

const folder = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const home = process.env.VERACITY_BENCH_HOME ?? join(folder, 'home');
const environment = { ...process.env, VERACITY_HOME: home };
const articlesFile = join(folder, 'articles.jsonl');
try {
  const articles = loadArticles();
  writeFileSync(articlesFile, articles.map((article) => `${JSON.stringify(article)}\n`).join(''));
  const notes: string[] = [];
  prepareModels();
  const sides = listSides(notes);
  await runSuite(
    SUITE,
    async (suite) => {
      notes.push(...(await compareAnswers(sides, articles.slice(0, COMPARED_ARTICLES))));
      const rounds = new Map(sides.map(({ name }): [string, Measured[]] => [name, []]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
          process.stderr.write(`  round ${round + 1} of ${ROUNDS}: ${side.name}\n`);
          rounds.get(side.name)!.push(await measureSide(side, articles[0]!));
        }
      }
      recordFigures(suite, rounds, notes);
    },
    { threads: THREADS },
  );
  saveDetails(SUITE, { tables: [], notes });
} finally {
  rmSync(folder, { recursive: true });
}

/** Sample articles, cleaned as our server cleans them, so that all sides read the same words. */
function loadArticles(): Article[] {
  const lines = readFileSync(samplePath, 'utf8').trim().split('\n');
  return lines.map((line) => cleanArticle(JSON.parse(line) as Article, { strip: true }).article);
}

/** compact in its real size, and its int8 version. */
function prepareModels(): void {
  const run = (...args: string[]): void => {
    execFileSync(process.execPath, [CLI, ...args], {
      cwd: repositoryRoot,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  };
  if (!existsSync(join(home, 'models/compact/1'))) {
    process.stderr.write('  training compact for a few steps (about a minute)\n');
    run(
      'train',
      'model=compact',
      'data=sample',
      'register=compact',
      'train.max_steps=30',
      'evaluate.bootstrap=10',
      '--json',
    );
  }
  if (!existsSync(join(home, 'models/compact/2'))) {
    run('models', 'export', 'compact@1', '--precision', 'int8', '--register', '--json');
  }
}

function listSides(notes: string[]): Side[] {
  const model = join(home, 'models/compact/1');
  const baseline = (name: string): string => join(repositoryRoot, 'bench/baselines', name);
  const threads = String(THREADS);
  const ours =
    (...more: string[]) =>
    (port: number): string[] => [
      process.execPath,
      CLI,
      'serve',
      '--port',
      String(port),
      `threads=${threads}`,
      'serve.log_level=warn',
      ...more,
    ];
  const store = { VERACITY_HOME: home };
  const sides: Side[] = [
    {
      name: 'ours, float32',
      exact: true,
      version: 'compact@1',
      argv: ours('--model', 'compact@1', 'serve.precision=fp32'),
      environment: store,
    },
    {
      // `auto` chooses this by itself once 200 test articles show that int8 predicts as well; the sample has fewer
      name: 'ours, default (int8)',
      exact: false,
      version: 'compact@2',
      argv: ours('--model', 'compact@1', 'serve.precision=int8'),
      environment: store,
    },
  ];
  if (PYTHON === null) notes.push('FastAPI peers left out: VERACITY_PYTHON names no Python.');
  else {
    const quiet = {
      TOKENIZERS_PARALLELISM: 'false',
      OMP_NUM_THREADS: threads,
      HF_HUB_OFFLINE: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    };
    for (const [name, script] of [
      ['FastAPI + PyTorch', 'serve-torch.py'],
      ['FastAPI + ONNX Runtime', 'serve-onnxruntime.py'],
    ] as const)
      sides.push({
        name,
        exact: true,
        argv: (port) => [PYTHON!, baseline(script), model, String(port), threads, '1'],
        environment: quiet,
      });
  }
  if (TRANSFORMERS_JS === null)
    notes.push(
      'transformers.js left out: VERACITY_TRANSFORMERS_JS names no folder with @huggingface/transformers and fastify.',
    );
  else
    sides.push({
      name: 'transformers.js in Fastify',
      exact: true,
      argv: (port) => [
        process.execPath,
        baseline('serve-transformers-js.mjs'),
        TRANSFORMERS_JS!,
        model,
        String(port),
        threads,
      ],
      environment: {},
    });
  for (const note of notes) process.stderr.write(`  ${note}\n`);
  return sides;
}

/** @returns notes; @throws if a side computes other probabilities */
async function compareAnswers(sides: readonly Side[], articles: readonly Article[]): Promise<string[]> {
  const notes: string[] = [];
  let expected: Record<string, number>[] | null = null;
  for (const side of sides) {
    const server = await startServing(side, JSON.stringify(articles[0]));
    const found: Record<string, number>[] = [];
    try {
      for (const article of articles) {
        const response = await fetch(`${server.url}/v1/predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(article),
        });
        const answer = (await response.json()) as {
          probabilities: Record<string, number>;
          modelVersion?: string;
        };
        if (side.version !== undefined && answer.modelVersion !== side.version)
          throw new Error(`${side.name}: ${answer.modelVersion} answers, not ${side.version}: not timed`);
        found.push(answer.probabilities);
      }
    } finally {
      await server.close();
    }
    expected ??= found;
    const differences = found.flatMap((values, i) =>
      Object.entries(values).map(([name, value]) => Math.abs(value - expected![i]![name]!)),
    );
    const most = Math.max(...differences);
    const otherwise = found.filter(({ FAKE }, i) => FAKE! > 0.5 !== expected![i]!.FAKE! > 0.5).length;
    if (!(side.exact ? most <= FLOAT_TOLERANCE : otherwise <= INT8_OTHERWISE))
      throw new Error(
        `${side.name}: probabilities differ by ${most}, ${otherwise} predictions name another class: not timed`,
      );
    notes.push(
      `${side.name}: probabilities of ${articles.length} articles within ${most.toExponential(1)} of ours in float32, ${otherwise} predictions name another class.`,
    );
  }
  return notes;
}

async function measureSide(side: Side, article: Article): Promise<Measured> {
  const server = await startServing(side, JSON.stringify(article));
  try {
    await loadtest(server.url, ['--users', '10', '--think-time', '0s', '--duration', '3s']); // warm
    const rates: Record<number, number> = {};
    const sureness: string[] = [];
    for (const users of USERS) {
      const { search } = await loadtest(server.url, [
        '--find-rate',
        `p99=${SLO_MS}`,
        '--users',
        String(users),
        '--probe',
        `${PROBE_SECONDS}s`,
      ]);
      rates[users] = search?.rate ?? 0;
      sureness.push(`${users} users: ${search?.sureness}`);
    }
    return {
      startUpMs: server.startUpMs,
      peakBytes: server.peakBytes(),
      rates,
      sureness: sureness.join('; '),
    };
  } finally {
    await server.close();
  }
}

/** Runs a load test in a separate process, as a user would. Exit code 1 means that limits were missed: a valid result. */
function loadtest(url: string, args: readonly string[]): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const all = [CLI, 'loadtest', url, '--articles', articlesFile, '--json', ...args];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 || code === 1) resolve(JSON.parse(output) as LoadReport);
      else reject(new Error(`loadtest ended with ${code}: ${output.slice(0, 500)}`));
    });
  });
}

function recordFigures(
  suite: Suite,
  rounds: ReadonlyMap<string, readonly Measured[]>,
  notes: string[],
): void {
  const names = [...rounds.keys()];
  const ours = names[0]!;
  const [, byDefault] = names;
  const peers = names.slice(2);
  const valuesOf = (name: string, of: (measured: Measured) => number): number[] => rounds.get(name)!.map(of);
  const compare = (
    what: string,
    of: (measured: Measured) => number,
    goals: { torch?: number; best?: number; bestByDefault?: number },
  ): void => {
    const ratio = (name: string, a: string, b: string, limit?: number): unknown =>
      suite.record({
        name: `${what}: ${name}`,
        unit: 'times',
        better: 'higher',
        values: listRatios(valuesOf(a, of), valuesOf(b, of)),
        ...(limit === undefined ? {} : { limit }),
      });
    const best = peers.toSorted((a, b) => medianOf(valuesOf(b, of)) - medianOf(valuesOf(a, of)))[0];
    if (peers.includes('FastAPI + PyTorch'))
      ratio('ours, float32 / FastAPI + PyTorch', ours, 'FastAPI + PyTorch', goals.torch);
    if (best === undefined) return;
    ratio(`ours, float32 / best of the others (${best})`, ours, best, goals.best);
    ratio(`ours, default (int8) / best of the others (${best})`, byDefault!, best, goals.bestByDefault);
  };
  for (const users of USERS) {
    const of = ({ rates }: Measured): number => rates[users]!;
    const what = `${users} users, p99 <= 1 s`;
    for (const name of names)
      suite.record({
        name: `${what}: ${name}`,
        unit: 'requests/s',
        better: 'higher',
        values: valuesOf(name, of),
      });
    compare(what, of, { torch: 1.5, best: 1, bestByDefault: 1.5 });
  }
  for (const name of names)
    suite.record({
      name: `start-up to the first answer: ${name}`,
      unit: 'ms',
      better: 'lower',
      values: valuesOf(name, ({ startUpMs }) => startUpMs),
      ...(name.startsWith('ours') ? { limit: 1000 } : {}),
    });
  const memoryOf = ({ peakBytes }: Measured): number => (peakBytes ?? Number.NaN) / MB;
  if (rounds.get(ours)!.every(({ peakBytes }) => peakBytes !== null)) {
    for (const name of names)
      suite.record({
        name: `peak memory: ${name}`,
        unit: 'MB',
        better: 'lower',
        values: valuesOf(name, memoryOf),
      });
    if (peers.includes('FastAPI + PyTorch'))
      for (const name of [ours, byDefault!])
        suite.record({
          name: `peak memory: ${name} / FastAPI + PyTorch`,
          unit: 'times',
          better: 'lower',
          values: listRatios(valuesOf(name, memoryOf), valuesOf('FastAPI + PyTorch', memoryOf)),
          limit: 0.333,
        });
  }
  for (const name of names) notes.push(`${name}, last round: ${rounds.get(name)!.at(-1)!.sureness}.`);
  notes.push(
    `${THREADS} threads on all sides; the load generator shares the machine. Users ask as fast as they can where p99 stays under the limit, else each at a steady pace. Each request is another article, so no answer is remembered.`,
  );
}
