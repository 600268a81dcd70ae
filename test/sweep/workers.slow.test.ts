// Workers on a real PostgreSQL: four processes, of which two are killed and one is frozen beyond its lease and wakes up late.
// Each trial gets exactly one result.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/foundation/core/package-root.ts';
import type { Trial } from '../../src/foundation/records/sweep.ts';
import { type PostgresServer, postgresPrograms, startPostgres } from '../fixtures/postgres.ts';

const TRIALS = 6;
const LEASE_SECONDS = 4;
const WAIT_MS = 120_000;
const SWEEP = [
  'sweep',
  'model=linear',
  'model.dim=4',
  'model.buckets=65536',
  'evaluate.bootstrap=20',
  'sweep.method=random',
  'optimizer.lr=interval(0.1,1)',
  'train.epochs=160', // long enough that every worker still has its first trial when it is killed or frozen
  `sweep.budget.trials=${TRIALS}`,
  `sweep.lease_seconds=${LEASE_SECONDS}`,
  '--parallel',
  '6',
];

interface Program {
  readonly child: ChildProcess;
  /** Everything that it has printed. */
  said(): string;
  ended(): Promise<number | null>;
}

describe.skipIf(postgresPrograms === null)('workers of a team', () => {
  let server: PostgresServer;
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  const started: Program[] = [];
  beforeAll(async () => {
    server = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), 'veracity-workers-'));
    environment = {
      ...process.env,
      VERACITY_DB: await server.createDatabase(),
      VERACITY_HOME: join(folder, 'home'),
      VERACITY_THREADS: '1',
    };
  });
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(args: readonly string[]): Program {
    const child = spawn(process.execPath, [join(packageRoot, 'dist/cli.js'), ...args], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    const closed = once(child, 'close').then(([code]) => code as number | null);
    const program = { child, said: () => text, ended: () => closed };
    started.push(program);
    return program;
  }
  async function ask(args: readonly string[]): Promise<unknown> {
    const child = spawn(process.execPath, [join(packageRoot, 'dist/cli.js'), ...args, '--json'], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    await once(child, 'close');
    return JSON.parse(text);
  }
  async function waitFor<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs; await sleep(200)) {
      const found = await find();
      if (found !== undefined) return found;
    }
    throw new Error(
      `nothing came within ${WAIT_MS} ms: ${started.map(({ said }) => said()).join('\n---\n')}`,
    );
  }

  it('give each trial one result, although two are killed and one is frozen', async () => {
    const sweep = start(SWEEP);
    const id = await waitFor(() => /sweep-\d{8}-\d{6}-\w{4}/.exec(sweep.said())?.[0]);
    const workers = Array.from({ length: 4 }, () => start(['worker']));
    const [first, second, frozen] = workers as [Program, Program, Program, Program];
    const listTrials = async (): Promise<Trial[]> =>
      ((await ask(['sweep', 'show', id])) as { trials: Trial[] }).trials;
    const trialOf = async ({ child }: Program): Promise<Trial | undefined> =>
      (await listTrials()).find(
        ({ state, worker, runId }) =>
          state === 'running' && runId !== null && worker === `process ${child.pid}`,
      );

    await waitFor(() => trialOf(frozen));
    frozen.child.kill('SIGSTOP');
    const stuck = await waitFor(() => trialOf(frozen));
    await waitFor(() => trialOf(first));
    first.child.kill('SIGKILL');
    await waitFor(() => trialOf(second));
    second.child.kill('SIGKILL');

    // Another worker has taken the frozen one's trial over, and has ended it.
    await waitFor(async () => {
      const trial = (await listTrials()).find(({ number }) => number === stuck.number)!;
      return trial.endedAt !== null ? trial : undefined;
    });
    frozen.child.kill('SIGCONT');
    await waitFor(() => (/another worker has taken it over/.test(frozen.said()) ? true : undefined));

    expect(await sweep.ended()).toBe(0);
    const trials = await listTrials();
    expect(trials).toHaveLength(TRIALS);
    // With the failure, so that a trial that ended otherwise says why.
    expect(trials.map(({ state, failure }) => ({ state, failure }))).toEqual(
      trials.map(() => ({ state: 'finished', failure: null })),
    );
    const results = workers.flatMap(({ said }) => said().match(/^trial \d+: val_loss/gm) ?? []);
    expect(results.sort()).toEqual(trials.map(({ number }) => `trial ${number}: val_loss`).sort());
    expect(trials.filter(({ deaths }) => deaths > 0).length).toBeGreaterThanOrEqual(3);
    // The run of each trial is its own, and finished once.
    const runs = (await ask(['runs', 'list'])) as { id: string; status: string }[];
    expect(new Set(trials.map(({ runId }) => runId)).size).toBe(TRIALS);
    for (const { runId } of trials) expect(runs.find(({ id }) => id === runId)?.status).toBe('finished');
  });

  it('give a trial back with a checkpoint when they are asked to stop', async () => {
    const sweep = start([...SWEEP.map((arg) => (arg.includes('budget') ? 'sweep.budget.trials=1' : arg))]);
    const id = await waitFor(() => /sweep-\d{8}-\d{6}-\w{4}/.exec(sweep.said())?.[0]);
    for (const { child } of started.slice(0, 5)) child.kill('SIGKILL');
    const worker = start(['worker']);
    const show = async () => ((await ask(['sweep', 'show', id])) as { trials: Trial[] }).trials[0];
    await waitFor(async () => ((await show())?.reports.length ?? 0) > 3 || undefined);
    worker.child.kill('SIGTERM');
    expect(await worker.ended()).toBe(130);
    expect(await show()).toMatchObject({ state: 'proposed', deaths: 0 });
    const next = start(['worker', '--idle', '3']);
    expect(await sweep.ended()).toBe(0);
    expect(await next.ended()).toBe(0);
    expect(await show()).toMatchObject({ state: 'finished', attempts: 2 });
    expect(next.said()).toMatch(/resuming run-/);
  });
});
