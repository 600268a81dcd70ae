// A training that is killed while it writes its model leaves a half-written folder: it is found, and removed on resume or by
// the gc commands.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;
let home: string;
let training: ChildProcess | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'veracity-kill-export-'));
});
afterEach(() => {
  training?.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const { env } = process;
const veracity = (...args: string[]) =>
  JSON.parse(
    execFileSync(process.execPath, [CLI, ...args, '--json'], {
      env: { ...env, VERACITY_HOME: home },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
const SMALL = [
  'model.layers=2',
  'model.width=64',
  'model.feed_forward=96',
  'model.max_length=64',
  'train.batch_size=8',
];

const ATTEMPTS = 20;

/** Trains until the export has begun to write, then kills. @returns the run and the folder that is left */
async function killInExport(): Promise<{ run: string; left: string }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await stopInExport();
    training?.kill('SIGKILL');
    await once(training!, 'close');
    if (found !== null) return found;
    rmSync(home, { recursive: true, force: true });
  }
  throw new Error(`no training of ${ATTEMPTS} could be stopped while it wrote its model`);
}

/** @returns null if the export, which takes milliseconds, was over before the training stood still */
async function stopInExport(): Promise<{ run: string; left: string } | null> {
  const args = [CLI, 'train', 'model=compact', 'train.max_steps=4', 'train.eval_every=4', ...SMALL];
  training = spawn(process.execPath, args, { env: { ...env, VERACITY_HOME: home }, stdio: 'ignore' });
  const runs = join(home, 'runs');
  for (;;) {
    expect(training.exitCode, 'the training ended before it was killed').toBe(null);
    const run = existsSync(runs)
      ? readdirSync(runs).find((name) => /^run-\d+-\d+-\w{4}$/.test(name))
      : undefined;
    const isHalfWritten = (name: string) => name.startsWith('model.tmp-');
    if (run !== undefined && readdirSync(join(runs, run)).some(isHalfWritten)) {
      training.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 20)); // the signal is delivered
      const left = readdirSync(join(runs, run)).find(isHalfWritten);
      return left === undefined ? null : { run, left: join(runs, run, left) };
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

it('is found by doctor and removed by runs gc', async () => {
  const { left } = await killInExport();
  expect(existsSync(left)).toBe(true);
  const { checks } = veracity('doctor');
  expect(checks.find(({ check }: { check: string }) => check === 'half-written')).toMatchObject({
    status: 'warn',
    advice: expect.stringContaining('veracity runs gc --yes'),
  });
  const { removals } = veracity('runs', 'gc', '--yes');
  expect(removals).toMatchObject([{ kind: 'half-written', name: left }]);
  expect(existsSync(left)).toBe(false);
}, 120_000);

it('is removed when the run is resumed, which then ends as usual', async () => {
  const { run, left } = await killInExport();
  expect(veracity('train', `resume=${run}`)).toMatchObject({ runId: run });
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(join(home, 'runs', run))).toContain('model');
}, 120_000);
