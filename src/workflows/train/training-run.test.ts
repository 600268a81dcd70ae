import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../foundation/core/clock.ts';
import { appError } from '../../foundation/core/errors.ts';
import { metricsSchema } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileRunStore } from '../../keeping/runs/file-run-store.ts';
import type { NewRunEvent, RunStore } from '../../keeping/runs/run-store.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import { buildNewRun, keepFailure, keepTrainEvent, reopenRun } from './training-run.ts';

const { config } = loadTrainConfig(['model=linear']);
const metrics = metricsSchema.parse({ accuracy: 1, macroF1: 1, rocAuc: 1, brier: 0, ece: 0, loss: 0 });

describe('the run of a training', () => {
  let root: string;
  let store: RunStore;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-run-'));
    store = createFileRunStore(locateHome(root), systemClock);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const append = async (id: string, event: NewRunEvent): Promise<void> => {
    const writer = await store.claim(id);
    await writer.append(event);
    await writer.release();
  };
  const create = async () =>
    store.create(await buildNewRun(config, { datasetVersion: 'ds-0123456789ab' }, root), '');

  it('returns the configuration it was started with', async () => {
    const run = await create();
    await append(run.id, { type: 'stopped', step: 3, reason: 'SIGINT' });
    const { writer, ...reopened } = await reopenRun(store, run.id, { config });
    expect(reopened).toEqual({ run, config });
    await writer.release();
  });

  it('records the versions it ran with, and no commit outside a checkout', async () => {
    const run = await create();
    expect(run.commit).toBeNull();
    expect(run.versions.veracity).toMatch(/^\d+\.\d+\.\d+/);
    expect(run.versions.onnxruntime).toMatch(/^1\.\d+\.\d+/);
  });

  it('refuses to resume a finished run', async () => {
    const { id } = await create();
    const splits = { validation: metrics, test: metrics };
    await append(id, { type: 'finished', steps: 3, seconds: 1, modelVersion: 'linear@1', metrics: splits });
    await expect(reopenRun(store, id, { config })).rejects.toMatchObject({ code: 'RESUME_FINISHED' });
  });

  it('refuses to resume a run that another process trains, and names the process', async () => {
    const { id } = await create();
    const writer = await store.claim(id);
    await expect(reopenRun(store, id, { config })).rejects.toMatchObject({
      code: 'RUN_ACTIVE',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await writer.release();
  });

  it('keeps every tenth step and the last, and paths relative to the run', async () => {
    const run = await create();
    const step = {
      epoch: 1,
      loss: 1,
      learningRate: 1,
      gradientNorm: null,
      articles: 1,
      tokens: 1,
      stepMs: 1,
      dataWaitMs: 0,
    };
    const writer = await store.claim(run.id);
    const files = await store.files(run.id);
    for (let i = 1; i <= 25; i++) {
      const event = { ...step, type: 'step', step: i, totalSteps: 25, articlesSeen: 4 * i } as const;
      await keepTrainEvent(writer, files, event, 10);
    }
    const path = join(files.checkpoints, 'step-000025');
    await keepTrainEvent(writer, files, { type: 'checkpoint', step: 25, path, sizeBytes: 1 }, 10);
    const events = await store.loadEvents(run.id);
    expect(await store.loadPoints(run.id, 'train_loss')).toMatchObject([
      { step: 10, articles: 40, value: 1 },
      { step: 20, articles: 80, value: 1 },
      { step: 25, articles: 100, value: 1 },
    ]);
    expect(events.map(({ type }) => type)).toEqual(['checkpoint']);
    expect(events.at(-1)).toMatchObject({ path: join('checkpoints', 'step-000025') });
  });

  it('records the code of an error, but no message of an unexpected one', async () => {
    const run = await create();
    const writer = await store.claim(run.id);
    await keepFailure(writer, 4, appError('DISK_FULL', { path: 'x' }));
    await keepFailure(writer, 4, new Error('an article said so'));
    expect((await store.loadEvents(run.id)).map((event) => event.type === 'failed' && event.code)).toEqual([
      'DISK_FULL',
      'INTERNAL_BUG',
    ]);
    expect(JSON.stringify(await store.loadEvents(run.id))).not.toContain('an article said so');
    expect(await store.status(run.id)).toBe('failed');
  });
});
