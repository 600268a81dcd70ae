// A transformer is reproduced bit for bit with the recorded threads, also after its process was killed; with another number
// of threads only nearly, which is what the tolerance is for.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateHome } from '../../src/foundation/records/home.ts';
import type { Run } from '../../src/foundation/records/run.ts';
import type { WorkflowContext } from '../../src/workflows/context/workflow-context.ts';
import { reproduceRun } from '../../src/workflows/reproduce/reproduced-run.ts';
import { repositoryRoot } from '../architecture/source-imports.ts';
import { createQuietContext } from '../fixtures/quiet-context.ts';

const SETTINGS = [
  ...['model=compact', 'model.layers=1', 'model.width=64', 'model.heads=2', 'model.feed_forward=96'],
  ...['model.max_length=48', 'model.vocabulary=1000', 'data=sample', 'evaluate=standard', 'threads=2'],
  ...['train.max_steps=60', 'train.checkpoint_every=10', 'tracking.log_every=1'],
];

describe('a reproduced transformer', () => {
  let folder: string;
  let context: WorkflowContext;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-reproduction-'));
    context = createQuietContext(locateHome(join(folder, 'home')), folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (args: string[]): ChildProcess =>
    spawn(process.execPath, [join(repositoryRoot, 'dist/cli.js'), 'train', ...args], {
      cwd: folder,
      env: { ...process.env, VERACITY_HOME: join(folder, 'home') },
      stdio: 'ignore',
    });
  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.on('exit', (code) => resolve(code)));

  it('is the same after a kill and a resume, and near with another number of threads', async () => {
    const { runs } = context.stores;
    const child = start(SETTINGS);
    const killed = ended(child);
    const timer = setInterval(() => {
      const [id] = existsSync(context.home.runs) ? readdirSync(context.home.runs) : [];
      const checkpoints = join(context.home.runs, id ?? '', 'checkpoints');
      if (
        id !== undefined &&
        existsSync(checkpoints) &&
        readdirSync(checkpoints).some((name) => name >= 'step-000020')
      )
        child.kill('SIGKILL');
    }, 20);
    await killed;
    clearInterval(timer);
    const [{ id } = { id: '' }] = (await runs.list()).runs;
    expect(await runs.status(id)).not.toBe('finished');
    await expect
      .poll(async () => ended(start([`resume=${id}`])), { timeout: 120_000, interval: 3000 })
      .toBe(0);
    const same = await reproduceRun(id, { checkOnly: false }, context);
    expect(same).toMatchObject({ outcome: 'identical', lastStep: null });

    // The same points under a head that says three threads.
    const { id: _, createdAt: __, schemaVersion: ___, ...head } = await runs.load(id);
    const other = await forge({ ...head, threads: 3 }, id);
    const near = await reproduceRun(other, { checkOnly: false }, context);
    expect(near.comparison?.isWithinTolerance).toBe(true);
  });

  async function forge(head: Omit<Run, 'id' | 'createdAt' | 'schemaVersion'>, id: string): Promise<string> {
    const { runs } = context.stores;
    const forged = await runs.create(head, '');
    const writer = await runs.claim(forged.id);
    for (const { name } of await runs.listMetrics(id))
      for (const { value, ...moment } of await runs.loadPoints(id, name))
        writer.record({ ...moment, values: { [name]: value } });
    await writer.append({ type: 'stopped', step: 60, reason: 'SIGINT' });
    await writer.release();
    return forged.id;
  }
});
