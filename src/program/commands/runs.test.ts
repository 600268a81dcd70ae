import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { createFileRunStore } from '../../keeping/runs/file-run-store.ts';
import type { NewRunEvent, RunStore } from '../../keeping/runs/run-store.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { runsListCommand } from './runs-list.ts';
import { runsShowCommand } from './runs-show.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const { metrics } = evaluationReportRecord.example;

describe('runs', () => {
  let folder: string;
  let store: RunStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    store = createFileRunStore(locateHome(folder), systemClock);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const append = async (id: string, ...events: NewRunEvent[]): Promise<void> => {
    const writer = await store.claim(id);
    for (const event of events) await writer.append(event);
    await writer.release();
  };
  const context = (): WorkflowContext => createQuietContext(locateHome(folder), folder);
  const list = () => runsListCommand.run({ args: [], options: {} }, context());
  const show = (...args: string[]) => runsShowCommand.run({ args, options: {} }, context());

  it('says how to make a run if there is none', async () => {
    expect(await list()).toMatchObject({ json: [], text: expect.stringContaining('veracity train') });
  });

  it('lists a run with its figures, and says how to resume a stopped one', async () => {
    const { id } = await store.create(newRun, '');
    await append(id, { type: 'eval', step: 20, epoch: 1, metrics, calibratedLoss: 0.1234, best: true });
    await append(id, { type: 'stopped', step: 21, reason: 'SIGINT' });
    expect((await list()).text).toMatch(new RegExp(`${id} +stopped +compact +ds-0123456789ab +21 +0\\.1234`));
    expect((await show(id)).text).toContain(`veracity train resume=${id}`);
    expect((await show(id)).json).toMatchObject({ id, status: 'stopped', steps: 21, best: { step: 20 } });
  });

  it('shows the time and memory of a finished run', async () => {
    const { id } = await store.create(newRun, '');
    const end = {
      steps: 3,
      seconds: 75,
      modelVersion: 'compact@1',
      metrics: { validation: metrics, test: metrics },
    };
    await append(id, { type: 'finished', ...end, peakMemoryBytes: 612_400_000 });
    expect((await show(id)).text).toMatch(/time +1m 15s\npeak memory +612 MB/);
    expect((await show(id)).json).toMatchObject({ peakMemoryBytes: 612_400_000 });
  });

  it('does not advise to resume a run that would fail again', async () => {
    const { id } = await store.create(newRun, '');
    await append(id, { type: 'failed', step: 2, code: 'LOSS_NOT_FINITE', message: 'the loss' });
    expect((await show(id)).text).not.toContain('resume=');
    await append(id, { type: 'failed', step: 2, code: 'DISK_FULL', message: 'the disk' });
    expect((await show(id)).text).toContain(`resume=${id}`);
  });

  it('lists a damaged run as such beside the others', async () => {
    const { id } = await store.create(newRun, '');
    const broken = await store.create(newRun, '');
    writeFileSync(join((await store.files(broken.id)).folder, 'run.json'), '{');
    expect((await list()).json).toMatchObject([
      { id },
      { id: broken.id, damaged: { code: 'RECORD_INVALID' } },
    ]);
    expect((await list()).text).toContain(`${broken.id}  damaged (RECORD_INVALID)`);
  });

  it('shows own and other collections side by side', async () => {
    const { id } = await store.create(newRun, '');
    const other = {
      ...evaluationReportRecord.example,
      collection: 'horne2017 (another source)',
      outOfSource: true,
    };
    const writer = await store.claim(id);
    await writer.saveEvaluations([evaluationReportRecord.example, other]);
    const { text, json } = await show(id);
    expect(text).toContain('sample (test split)');
    expect(text).toContain('horne2017 (another source)');
    expect(json).toMatchObject({ evaluations: [{ n: 2 }, { n: 2 }] });
  });

  it('requires one existing run', async () => {
    await expect(show()).rejects.toMatchObject({ code: 'USAGE' });
    await expect(show('run-20260101-000000-zzzz')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});
