// Bench of the profilers: what `simple` costs, per step and over a whole training, with and without it in turn.
// npx tsx bench/profiler.ts [--allow-busy]     (needs dist: npm run build)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/foundation/core/clock.ts';
import { locateHome } from '../src/foundation/records/home.ts';
import { createTrainingProfiler } from '../src/workflows/train/training-profiler.ts';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';
import { repositoryRoot, runInTurn, timeMs } from './sides.ts';

const SUITE = 'profiler';
const ROUNDS = 9;
const CALLS = 200_000;
const CLI = join(repositoryRoot, 'dist/cli.js');
const SETTINGS = [
  ...[
    'data=sample',
    'evaluate=standard',
    'evaluate.bootstrap=10',
    'model=compact',
    'model.layers=1',
    'model.width=64',
  ],
  ...['model.max_length=32', 'train.batch_size=8', 'train.max_steps=400', 'threads=1', 'register=bench'],
];

const home = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const env = { ...process.env, VERACITY_HOME: home };
const train = (profiler: string): Promise<number> =>
  timeMs(() =>
    execFileSync(process.execPath, [CLI, 'train', ...SETTINGS, `profiler=${profiler}`, '--json'], {
      cwd: repositoryRoot,
      env,
      stdio: 'ignore',
    }),
  );
try {
  await train('none'); // prepares the data, so that no side does it
  await runSuite(SUITE, async (suite) => {
    suite.record({ name: 'simple, per step', unit: 'µs', better: 'lower', values: await measureCalls() });
    const times = await runInTurn(
      { none: () => train('none'), simple: () => train('simple') },
      { rounds: ROUNDS },
    );
    suite.record({
      name: 'training of 400 steps, profiler=none',
      unit: 'ms',
      better: 'lower',
      values: times.none,
    });
    suite.record({
      name: 'training of 400 steps, profiler=simple',
      unit: 'ms',
      better: 'lower',
      values: times.simple,
    });
    const ratios = times.none.map((none, i) => times.simple[i]! / none);
    suite.record({ name: 'simple / none, in pairs', unit: 'times', better: 'lower', values: ratios });
    saveDetails(SUITE, {
      tables: [],
      notes: [
        'Whole commands from the spawn; the cost per step is that of noting its timings, measured alone.',
      ],
    });
  });
} finally {
  rmSync(home, { recursive: true });
}

/** Microseconds for noting one step, five times. */
async function measureCalls(): Promise<number[]> {
  const context = { home: locateHome(home), clock: systemClock, say: () => {}, warn: () => {} };
  const { onTiming } = await createTrainingProfiler({ kind: 'simple', steps: 20 }, context);
  const parts = { runs: [{ startMs: 0, maskMs: 0.1, graphMs: 3 }], updateMs: 0.2 };
  const batches = { dataWaitMs: 0.1, tokens: 200, places: 256, parts };
  return Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    for (let step = 1; step <= CALLS; step++)
      onTiming?.({ part: 'step', step, startMs: 0, durationMs: 3.5, batches });
    return ((performance.now() - startMs) * 1000) / CALLS;
  });
}
