// A sweep that is killed twice with SIGKILL and resumed tries the same settings as one that is left alone, each once.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../src/foundation/core/package-root.ts';
import type { Trial } from '../../src/foundation/records/sweep.ts';

const FILE = `
method: random
metric: {name: val_acc, goal: maximize}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 0.05, max: 1}
  batch_size: {values: [16, 32]}
  epochs: {value: 30}
early_terminate: {type: hyperband, min_iter: 3, eta: 3}
run_cap: 5
command: ["\${env}", "\${program}"]
`;
const WAIT_MS = 120_000;
const SMALL = ['model=linear', 'model.dim=4', 'model.buckets=65536', 'evaluate.bootstrap=20', 'threads=1'];

interface Shown {
  readonly status: string;
  readonly trials: readonly Trial[];
}

let folder: string;
let home: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-sweep-'));
  home = join(folder, 'home');
  writeFileSync(join(folder, 'theirs.yaml'), FILE);
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[]): {
  child: ChildProcess;
  said(): string;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [join(packageRoot, 'dist/cli.js'), ...args], {
    cwd: folder,
    env: { ...process.env, VERACITY_HOME: home, VERACITY_DB: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said: () => text, ended };
}
async function show(id: string): Promise<Shown> {
  const { ended, said } = start(['sweep', 'show', id, '--json']);
  await ended;
  return JSON.parse(said()) as Shown;
}
async function waitFor<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs; await sleep(100)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  throw new Error(`nothing came within ${WAIT_MS} ms`);
}
const idOf = (said: () => string): Promise<string> =>
  waitFor(() => /sweep-\d{8}-\d{6}-\w{4}/.exec(said())?.[0]);
const settingsOf = ({ trials }: Shown) => trials.map(({ parameters }) => parameters);

it('goes on after SIGKILL as if nothing had happened', async () => {
  const calm = start(['sweep', 'theirs.yaml', ...SMALL]);
  const calmId = await idOf(calm.said);
  expect(await calm.ended).toBe(0);
  const undisturbed = await show(calmId);

  home = join(folder, 'other-home');
  const first = start(['sweep', 'theirs.yaml', ...SMALL]);
  const id = await idOf(first.said);
  const killed: number[] = [];
  let current = first;
  for (let kill = 0; kill < 2; kill++) {
    await waitFor(async () =>
      (await show(id)).trials.find(
        ({ number, reports, state }) => state === 'running' && reports.length > 1 && !killed.includes(number),
      ),
    );
    current.child.kill('SIGKILL');
    await current.ended;
    const { trials } = await show(id);
    killed.push(trials.at(-1)!.number);
    current = start(['sweep', '--resume', id]);
  }
  expect(await current.ended).toBe(0);
  const resumed = await show(id);
  expect(resumed.status).toBe('finished');
  expect(settingsOf(resumed)).toEqual(settingsOf(undisturbed));
  expect(new Set(settingsOf(resumed).map((settings) => JSON.stringify(settings))).size).toBe(5);
  expect(resumed.trials.map(({ state }) => ['finished', 'stopped'].includes(state))).toEqual(
    Array(5).fill(true),
  );
  expect(resumed.trials.some(({ attempts }) => attempts > 1)).toBe(true);
  expect(resumed.trials.map(({ deaths }) => deaths)).toEqual([0, 0, 0, 0, 0]);
});

it('tries a trial once more when its process is killed, and goes on when that one is killed, too', async () => {
  const sweep = start([
    'sweep',
    'theirs.yaml',
    ...SMALL,
    'sweep.budget.trials=2',
    'train.epochs=200',
    'sweep.early_terminate=null',
  ]);
  const id = await idOf(sweep.said);
  for (let attempt = 1; attempt <= 2; attempt++) {
    const { worker } = await waitFor(async () =>
      (await show(id)).trials.find(
        // Until its own process has renewed the lease, the trial is held by the sweep's.
        ({ number, state, attempts, runId, worker }) =>
          number === 0 &&
          state === 'running' &&
          attempts === attempt &&
          runId !== null &&
          worker !== `process ${sweep.child.pid}`,
      ),
    );
    process.kill(Number(worker!.split(' ')[1]), 'SIGKILL');
  }
  const failed = await waitFor(async () =>
    (await show(id)).trials.find(({ number, endedAt }) => number === 0 && endedAt !== null),
  );
  expect(failed).toMatchObject({ state: 'failed', failure: { code: 'TRIAL_DIED' }, attempts: 2 });
  await waitFor(async () =>
    (await show(id)).trials.find(({ number, state }) => number === 1 && state === 'running'),
  );
  sweep.child.kill('SIGINT');
  expect(await sweep.ended).toBe(130);
  expect(sweep.said()).toContain(`go on with: veracity sweep --resume ${id}`);
  expect(await show(id)).toMatchObject({ status: 'stopped', trials: [{}, { state: 'proposed', deaths: 0 }] });
});

it('repeats the best of a grid, and refuses with 1 if no trial has a result', async () => {
  const repeated = start([
    'sweep',
    'sweep.method=grid',
    'optimizer.lr=0.2,0.4',
    'train.epochs=1',
    ...SMALL,
    '--repeat',
    '1',
    'sweep.repeat.best=1',
  ]);
  const id = await idOf(repeated.said);
  expect(await repeated.ended).toBe(0);
  const { trials } = await show(id);
  expect(trials.map(({ repeats }) => repeats === null)).toEqual([true, true, false]);
  const failed = start(['train', '-m', 'optimizer=adam,adamw', ...SMALL]);
  expect(await failed.ended).toBe(1);
  expect(failed.said()).toContain('no trial has a result; trial 0: model=linear: expected optimizer=sgd');
});

it('tries the best again with other seeds, tags the runs of its trials, and is deleted with them', async () => {
  const args = ['sweep.budget.trials=2', 'sweep.repeat.best=1', 'train.epochs=3', '--repeat', '2'];
  const sweep = start(['sweep', 'theirs.yaml', ...SMALL, ...args, 'sweep.early_terminate=null']);
  const id = await idOf(sweep.said);
  expect(await sweep.ended).toBe(0);
  const { trials } = await show(id);
  const value = (number: number) => trials[number]!.value!;
  const best = value(1) > value(0) ? 1 : 0;
  expect(trials.map(({ state, repeats }) => ({ state, repeats }))).toEqual(
    [null, null, best, best].map((repeats) => ({ state: 'finished', repeats })),
  );
  const [first, second] = trials.slice(2);
  expect(new Set([first!.seed, second!.seed, null]).size).toBe(3);
  expect(settingsOf({ status: '', trials: trials.slice(2) })).toEqual([
    trials[best]!.parameters,
    trials[best]!.parameters,
  ]);
  const listed = async (): Promise<string[]> => {
    const list = start(['runs', 'list', '--where', `tag=sweep:${id}`, '--json']);
    await list.ended;
    return (JSON.parse(list.said()) as { id: string }[]).map((run) => run.id).sort();
  };
  expect(await listed()).toEqual(trials.map(({ runId }) => runId).sort());

  expect(await start(['sweep', 'delete', id]).ended).toBe(1);
  expect(await start(['sweep', 'delete', id, '--runs', '--yes']).ended).not.toBe(0); // a model comes from the best
  expect(await listed()).toHaveLength(4);
  expect(await start(['sweep', 'delete', id, '--runs', '--force', '--yes']).ended).toBe(0);
  expect(await listed()).toEqual([]);
  const shown = start(['sweep', 'show', id]);
  expect(await shown.ended).not.toBe(0);
  expect(shown.said()).toContain('SWEEP_NOT_FOUND');
});
