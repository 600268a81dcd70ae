// Bench of start-up times, each from the spawn: the help until it is printed, a server with a model until its first
// prediction, and `npm start` with an existing model likewise. Processes are new, file caches warm.
// npx tsx bench/start-up.ts [--allow-busy]     (needs dist: npm run build)
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';
import { repositoryRoot, runInTurn, timeMs } from './sides.ts';

const SUITE = 'start-up';
const ROUNDS = 7;
const SECOND_START_MS = 3000; // issue 2: "A second start uses what is there and is up in under 3 seconds"
const CLI = join(repositoryRoot, 'dist/cli.js');
const ARTICLE = {
  title: 'Ferry resumes',
  text: 'The ferry sailed on Tuesday, the harbour office said. Tickets cost what they did before.',
};

const home = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const env = { ...process.env, VERACITY_HOME: home };
try {
  // The demo's model at its real size. It trains for two steps only, because its loading time does not depend on training.
  const overrides = ['experiment=demo', 'register=demo', 'train.max_steps=2', 'evaluate.bootstrap=10'];
  execFileSync(process.execPath, [CLI, 'train', ...overrides, '--json'], {
    cwd: repositoryRoot,
    env,
    stdio: 'ignore',
  });
  await runSuite(SUITE, async (suite) => {
    const times = await runInTurn(
      {
        node: () => timeMs(() => execFileSync(process.execPath, ['-e', '0'])),
        help: () => timeMs(() => execFileSync(process.execPath, [CLI, '--help'], { env, stdio: 'ignore' })),
        serve: () => timeToFirstAnswer(process.execPath, [CLI, 'serve', '--port', '0', '--model', 'demo']),
        start: () => timeToFirstAnswer('npm', ['start', '--silent', '--', '--port', '0']),
      },
      { rounds: ROUNDS },
    );
    const record = (name: string, values: readonly number[], more: { limit?: number; note?: string } = {}) =>
      suite.record({ name, unit: 'ms', better: 'lower', values, ...more });
    record('node -e 0', times.node, { note: 'for comparison: of Node itself' });
    record('veracity --help', times.help);
    record('veracity serve, to the first prediction', times.serve);
    record('second npm start, to the first prediction', times.start, { limit: SECOND_START_MS });
    saveDetails(SUITE, {
      tables: [],
      notes: [
        'The model is the one that `npm start` trains; the second start includes npm and the check whether dist is stale.',
      ],
    });
  });
} finally {
  rmSync(home, { recursive: true });
}

/** Time from the spawn of a server to its prediction for an article. */
async function timeToFirstAnswer(program: string, args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  // A process group, because npm's shell does not pass signals on.
  const child = spawn(program, args, {
    cwd: repositoryRoot,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stderr.on('data', (chunk) => {
        output += chunk;
        const found = /serving .* at (http:\S+)/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('error', reject);
      child.once('close', () => reject(new Error(`${program} ${args.join(' ')} ended early: ${output}`)));
    });
    const response = await fetch(`${url}/news/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(ARTICLE),
    });
    const answer: unknown = await response.json();
    const ms = performance.now() - startMs;
    if (answer !== 'This is REAL NEWS' && answer !== 'This is FAKE NEWS')
      throw new Error(`${args.join(' ')}: expected a prediction, got ${JSON.stringify(answer)}`);
    return ms;
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}
