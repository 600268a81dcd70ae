import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { appError } from '../../foundation/core/errors.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { sweepRecord } from '../../foundation/records/sweep.ts';
import { createTrialQueue, type QueuedTrial, type TrialQueue } from '../../keeping/sweeps/trial-queue.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { runWorker } from './worker.ts';

/** A queue of one process, in memory. */
function createQueue(trials: QueuedTrial[]): TrialQueue & { readonly log: string[] } {
  const waiting = [...trials];
  const log: string[] = [];
  return {
    log,
    offer: async (trial) => void waiting.push(trial),
    take: async () => waiting.shift() ?? null,
    end: async ({ number }) => void log.push(`ended ${number}`),
    putBack: async ({ number }, why) => void log.push(`put back ${number}: ${why}`),
    close: async () => {},
  };
}

describe('runWorker', () => {
  let folder: string;
  let context: WorkflowContext;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-worker-'));
    context = createQuietContext(locateHome(join(folder, 'home')), folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const withQueue = (trialQueue: TrialQueue | null): WorkflowContext => ({
    ...context,
    stores: { ...context.stores, trialQueue },
  });
  async function createTrial(datasetVersion: string | null): Promise<QueuedTrial> {
    const { sweeps } = context.stores;
    const { id } = await sweeps.create({ ...sweepRecord.example.definition, datasetVersion });
    const task = { config: {}, yaml: '' };
    await sweeps.addTrial(id, { parameters: { x: 1 }, repeats: null, seed: null, task }, 0);
    return { sweepId: id, number: 0 };
  }

  it('needs a database that machines share', async () => {
    await expect(runWorker({ idleSeconds: 0 }, withQueue(null))).rejects.toMatchObject({
      code: 'WORKER_DATABASE',
    });
    const queue = createTrialQueue('postgres://nobody@127.0.0.1:1/none');
    await expect(runWorker({ idleSeconds: 0 }, withQueue(queue))).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    });
  });

  it('gives a trial back whose data is not in its home, and says what to copy', async () => {
    const queue = createQueue([await createTrial('ds-0123456789ab')]);
    await expect(runWorker({ idleSeconds: 0 }, withQueue(queue))).rejects.toMatchObject({
      code: 'WORKER_DATASET',
      hint: expect.stringMatching(/Copy datasets\/ds-0123456789ab and files\/md5/),
    });
    expect(queue.log).toEqual([expect.stringContaining('put back 0')]);
  });

  it('fails a trial whose workers are lost again and again', async () => {
    const trial = await createTrial(null);
    const { sweeps } = context.stores;
    for (let i = 0; i < 5; i++) await (await sweeps.claimTrial(trial.sweepId, 0))!.giveBack(true);
    const queue = createQueue([trial]);
    expect(await runWorker({ idleSeconds: 0 }, withQueue(queue))).toEqual({ committed: 1, returned: 0 });
    expect(await sweeps.loadTrial(trial.sweepId, 0)).toMatchObject({
      state: 'failed',
      failure: { code: 'TRIAL_DIED' },
    });
    expect(queue.log).toEqual(['ended 0']);
  });

  it('waits for a database that is away for a moment, and says so once', async () => {
    const trial = await createTrial(null);
    await (await context.stores.sweeps.claimTrial(trial.sweepId, 0))!.commit({ state: 'finished', value: 1 });
    const queue = createQueue([trial]);
    const answers: (QueuedTrial | null | Error)[] = [
      null,
      appError('QUEUE_UNAVAILABLE', { problem: 'it restarts' }),
      appError('DATABASE_UNREACHABLE', { place: 'postgres://h/d', reason: 'it restarts' }),
      trial,
    ];
    const take = async () => {
      const answer = answers.shift() ?? null;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const warnings: string[] = [];
    const own = { ...withQueue({ ...queue, take }), warn: (text: string) => void warnings.push(text) };
    expect(await runWorker({ idleSeconds: 4 }, own)).toEqual({ committed: 0, returned: 1 });
    expect(queue.log).toEqual(['ended 0']);
    expect(warnings).toEqual([expect.stringContaining('does not answer')]);
  }, 20_000);

  it('ends its turn where another process has the trial, and forgets one that has a result', async () => {
    const trial = await createTrial(null);
    const lease = (await context.stores.sweeps.claimTrial(trial.sweepId, 0))!;
    const held = createQueue([trial]);
    expect(await runWorker({ idleSeconds: 0 }, withQueue(held))).toEqual({ committed: 0, returned: 1 });
    expect(held.log).toEqual([]);
    await lease.commit({ state: 'finished', value: 1 });
    const done = createQueue([trial]);
    await runWorker({ idleSeconds: 0 }, withQueue(done));
    expect(done.log).toEqual(['ended 0']);
  });
});
