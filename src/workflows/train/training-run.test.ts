import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../foundation/core/clock.ts';
import { appError } from '../../foundation/core/errors.ts';
import { metricsSchema } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createRunStore, type RunStore } from '../../keeping/runs/run-store.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import { buildNewRun, keepFailure, keepTrainEvent, reopenRun } from './training-run.ts';

const { config } = loadTrainConfig(['model=linear']);
const metrics = metricsSchema.parse({ accuracy: 1, macroF1: 1, rocAuc: 1, brier: 0, ece: 0, loss: 0 });

describe('the run of a training', () => {
  let root: string;
  let store: RunStore;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'veracity-run-'));
    store = createRunStore(locateHome(root), systemClock);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const create = () => store.create(buildNewRun(config, { datasetVersion: 'ds-0123456789ab' }, root), '');

  it('returns the configuration it was started with', async () => {
    const run = await create();
    store.append(run.id, { type: 'stopped', step: 3, reason: 'SIGINT' });
    expect(reopenRun(store, run.id)).toEqual({ run, config });
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
    store.append(id, { type: 'finished', steps: 3, seconds: 1, modelVersion: 'linear@1', metrics: splits });
    expect(() => reopenRun(store, id)).toThrowError(expect.objectContaining({ code: 'RESUME_FINISHED' }));
  });

  it('refuses to resume a run that another process trains, and names the process', async () => {
    const { id } = await create();
    store.append(id, { type: 'started', process: process.pid, resumedAtStep: 0 });
    expect(() => reopenRun(store, id)).toThrowError(
      expect.objectContaining({ code: 'RUN_ACTIVE', message: expect.stringContaining(`${process.pid}`) }),
    );
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
    };
    for (let i = 1; i <= 25; i++)
      keepTrainEvent(store, run, { type: 'step', step: i, totalSteps: 25, ...step }, 10);
    const path = join(store.paths(run.id).checkpoints, 'step-000025');
    keepTrainEvent(store, run, { type: 'checkpoint', step: 25, path, sizeBytes: 1 }, 10);
    const events = store.loadEvents(run.id);
    expect(events.map((event) => 'step' in event && event.step)).toEqual([10, 20, 25, 25]);
    expect(events.at(-1)).toMatchObject({ path: join('checkpoints', 'step-000025') });
  });

  it('records the code of an error, but no message of an unexpected one', async () => {
    const run = await create();
    keepFailure(store, run, 4, appError('DISK_FULL', { path: 'x' }));
    keepFailure(store, run, 4, new Error('an article said so'));
    expect(store.loadEvents(run.id).map((event) => event.type === 'failed' && event.code)).toEqual([
      'DISK_FULL',
      'INTERNAL_BUG',
    ]);
    expect(JSON.stringify(store.loadEvents(run.id))).not.toContain('an article said so');
    expect(store.status(run.id)).toBe('failed');
  });
});
