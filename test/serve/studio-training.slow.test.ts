// A real training in another process, followed live over HTTP, stopped and resumed by the studio's routes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type RunFacts, type VeracityClient } from '../../src/client/index.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';

const cli = join(repositoryRoot, 'dist', 'cli.js');
/** Goes on for as long as the test needs it, with short steps. */
const TRAINING = ['train.epochs=500', 'train.batch_size=2', 'tracking.log_every=1', 'threads=1'];
const children: ChildProcess[] = [];
let home = '';
let client: VeracityClient;
let hasEnded = false;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'veracity-studio-training-'));
  const studio = start('studio', '--port', '0');
  client = createClient({ url: await readUrl(studio) });
});
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(home, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: home,
    env: { ...process.env, VERACITY_HOME: join(home, 'home') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  return child;
}

async function readUrl(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const piece of child.stderr!) {
    text += String(piece);
    const url = /(http:\/\/[\d.]+:\d+)\/studio/.exec(text)?.[1];
    if (url !== undefined) {
      child.stderr!.resume();
      return url;
    }
  }
  throw new Error(`the studio did not start: ${text}`);
}

/** Follows the changes until a run is as wanted. */
async function waitFor(isWanted: (run: RunFacts) => boolean): Promise<RunFacts> {
  const listed = await client.listRuns();
  const now = listed.runs.find(isWanted);
  if (now !== undefined) return now;
  for await (const { runs } of client.watchRuns({ since: listed.cursor })) {
    const found = runs.find(isWanted);
    if (found !== undefined) return found;
  }
  throw new Error('the server ended its events');
}

const stepOf = ({ metrics }: RunFacts): number =>
  metrics.find(({ name }) => name === 'train_loss')?.lastStep ?? 0;

test('a training elsewhere is followed live, stopped, resumed and stopped again from the studio', {
  timeout: 240_000,
}, async () => {
  const training = start('train', ...TRAINING);
  training.stderr!.resume();
  training.once('exit', () => {
    hasEnded = true;
  });
  const seen = await waitFor((run) => run.status === 'running' && stepOf(run) >= 2);
  const id = seen.id;
  const live = await waitFor((run) => stepOf(run) > stepOf(seen));
  expect(live.id).toBe(id);
  await client.stopRun(id);
  if (!hasEnded) await once(training, 'exit');
  const stopped = await waitFor((run) => run.status !== 'running');
  expect(stopped.status).toBe('stopped');
  const atStop = stepOf(stopped);
  expect((await client.getRun(id)).canResume).toBe(true);

  const resumed = await client.resumeRun(id);
  expect(resumed).toMatchObject({ runId: id, status: 'running' });
  await expect(client.resumeRun(id)).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
  const further = await waitFor((run) => run.status === 'running' && stepOf(run) > atStop);
  await client.stopRun(id);
  await waitFor((run) => run.status === 'stopped');
  const { curves } = await client.listCurves({ runs: [id], metrics: ['train_loss'], maxPoints: 2000 });
  const steps = curves[0]!.steps;
  expect(steps.at(-1)).toBeGreaterThanOrEqual(stepOf(further));
  expect(steps.every((step, i) => i === 0 || step > steps[i - 1]!)).toBe(true);
  const { lines } = await client.getRunLog(id);
  expect(lines.some(({ source, text }) => source === 'events' && text.startsWith('resumed at step'))).toBe(
    true,
  );
  expect(lines.some(({ source, text }) => source === 'output' && text.includes(id))).toBe(true);
});
