// Compares this checkout with another one (such as a git worktree of an earlier commit), in turn in one run: start-up,
// serving and training steps. For changes that should change no figure.
// npx tsx bench/against.ts OTHER [--allow-busy]     (both need dist: npm run build)
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { saveDetails } from './details.ts';
import { runSuite, type Suite } from './harness.ts';
import { startServing } from './serving-side.ts';
import { type SideProcess, startSide } from './side-process.ts';
import { listRatios, repositoryRoot, runInTurn, THREADS, timeMs } from './sides.ts';
import { TRAIN_STEP_CASES } from './train-step-case.ts';

const SUITE = 'against';
const ROUNDS = Number(process.env.VERACITY_BENCH_ROUNDS ?? 7);
const LOAD_SECONDS = 8;
const USERS = 10;
const ARTICLE = JSON.stringify({
  title: 'Ferry resumes',
  text: 'The ferry sailed on Tuesday, the harbour office said. Tickets cost what they did before.',
});

type Sides = Readonly<Record<'this' | 'other', string>>;

const other = resolve(process.argv[2] ?? '');
if (process.argv[2] === undefined || !existsSync(join(other, 'dist/cli.js'))) {
  process.stderr.write('bench: expected the folder of another checkout with dist/ in it\n');
  process.exit(2);
}
const sides: Sides = { this: repositoryRoot, other };
const parent = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const home = join(parent, 'home');
const environment = { VERACITY_HOME: home };
const run = (root: string, ...args: string[]): string =>
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

try {
  // A model folder that the other checkout wrote: this one must be able to read it.
  run(
    other,
    'train',
    'experiment=demo',
    'register=demo',
    'train.max_steps=2',
    'evaluate.bootstrap=10',
    '--json',
  );
  await runSuite(SUITE, measureAll, { threads: THREADS });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: other,
    encoding: 'utf8',
  }).trim();
  saveDetails(SUITE, { tables: [], notes: [`The other checkout is at commit ${commit}.`] });
} finally {
  rmSync(parent, { recursive: true });
}

async function measureAll(suite: Suite): Promise<void> {
  await compare(suite, 'veracity --help', (root) => timeMs(() => run(root, '--help')));
  await compare(suite, 'serve, to the first prediction', measureStart);
  await compare(suite, `serve, ${LOAD_SECONDS} s of ${USERS} users: ms a request`, measureLoad, 5);
  for (const [i, { name }] of TRAIN_STEP_CASES.entries()) {
    const steps = { this: await startSteps(sides.this, i), other: await startSteps(sides.other, i) };
    await compare(suite, `training step, ${name}`, async (root) => {
      const side = root === sides.this ? steps.this : steps.other;
      return (await side.ask('step')).ms;
    });
    await steps.this.close();
    await steps.other.close();
  }
}

/** Each checkout writes the case in its own form, from the same seed. */
async function startSteps(
  root: string,
  index: number,
): Promise<SideProcess<unknown, { readonly ms: number }>> {
  const bench = (await import(
    join(root, 'bench/train-step-case.ts')
  )) as typeof import('./train-step-case.ts');
  const folder = mkdtempSync(join(parent, 'case-'));
  bench.saveCase(folder, bench.TRAIN_STEP_CASES[index]!);
  return startSide([process.execPath, '--import', 'tsx', join(root, 'bench/train-step-side.ts'), folder]);
}

/** Times both sides in turn, in milliseconds. Records both, and their ratio round by round. */
async function compare(
  suite: Suite,
  name: string,
  measure: (root: string) => Promise<number>,
  rounds = ROUNDS,
): Promise<void> {
  const times = await runInTurn(
    { this: () => measure(sides.this), other: () => measure(sides.other) },
    { rounds, warmUps: 1 },
  );
  suite.record({ name: `${name}: this`, unit: 'ms', better: 'lower', values: times.this });
  suite.record({ name: `${name}: other`, unit: 'ms', better: 'lower', values: times.other });
  const values = listRatios(times.this, times.other);
  suite.record({ name: `${name}: this / other`, unit: 'times', better: 'lower', values });
}

function startServer(root: string): ReturnType<typeof startServing> {
  const argv = (port: number): string[] => [
    process.execPath,
    join(root, 'dist/cli.js'),
    'serve',
    '--port',
    String(port),
    '--model',
    'demo@1',
    'serve.log_level=warn',
  ];
  return startServing({ argv, environment }, ARTICLE);
}

async function measureStart(root: string): Promise<number> {
  const server = await startServer(root);
  await server.close();
  return server.startUpMs;
}

/** Users who send the next request at once; both sides use the load generator of the other checkout. */
async function measureLoad(root: string): Promise<number> {
  const server = await startServer(root);
  try {
    const load = ['--users', String(USERS), '--think-time', '0s', '--duration', `${LOAD_SECONDS}s`];
    const report = JSON.parse(run(other, 'loadtest', server.url, ...load, '--warm-up', '1s', '--json')) as {
      readonly result: { readonly answeredPerSecond: number };
    };
    return 1000 / report.result.answeredPerSecond;
  } finally {
    await server.close();
  }
}
