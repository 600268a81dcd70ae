import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { saveRecord } from '../../foundation/records/record.ts';
import { runRecord } from '../../foundation/records/run.ts';
import type { NewRunEvent, RunStore } from '../../keeping/runs/run-store.ts';
import { loadTrainConfig } from '../../workflows/configuration/train-config.ts';
import { createStores } from '../../workflows/context/stores.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import { runsCompareCommand } from './runs-compare.ts';
import { runsListCommand } from './runs-list.ts';
import { runsNoteCommand } from './runs-note.ts';
import { runsShowCommand } from './runs-show.ts';
import { runsTagCommand } from './runs-tag.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const { metrics } = evaluationReportRecord.example;

describe('runs', () => {
  let folder: string;
  let store: RunStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    store = createStores(locateHome(folder), systemClock).runs;
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
    const broken = { id: 'run-20200101-000000-abcd' }; // of an early version, which kept runs on files
    mkdirSync(join(folder, 'runs', broken.id), { recursive: true });
    writeFileSync(join(folder, 'runs', broken.id, 'run.json'), '{');
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

describe('runs compare, tag and note', () => {
  let folder: string;
  let store: RunStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    store = createStores(locateHome(folder), systemClock).runs;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const context = (): WorkflowContext => createQuietContext(locateHome(folder), folder);

  /** A run whose batches have `batchSize` articles and whose loss after each step is one of `losses`. */
  const train = async (batchSize: number, losses: readonly number[]): Promise<string> => {
    const { config } = loadTrainConfig([`train.batch_size=${batchSize}`, 'model=linear']);
    const run = await store.create({ ...newRun, config: { ...config } }, '');
    const writer = await store.claim(run.id);
    await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
    for (const [i, loss] of losses.entries()) {
      const at = { step: i + 1, epoch: ((i + 1) * batchSize) / 64, articles: (i + 1) * batchSize };
      writer.record({ ...at, values: { val_loss: loss } });
    }
    await writer.release();
    return run.id;
  };
  const compare = (...args: string[]) => runsCompareCommand.run({ args, options: {} }, context());

  it('shows the settings that differ, and that a run can be ahead by step and behind by epoch', async () => {
    const large = await train(64, [0.5, 0.4]);
    const small = await train(16, [0.7, 0.6, 0.5, 0.45, 0.43, 0.41, 0.39, 0.3]);
    const { text, json } = await compare(large, small);
    expect(text).toMatch(/train\.batch_size +64 +16/);
    expect(text).toMatch(/step +2 +A: 0\.4 at 2 +B: 0\.6 at 2/);
    expect(text).toMatch(/epoch +2\.00 +B: 0\.3 at 2\.00 +A: 0\.4 at 2\.00/);
    expect(json).toMatchObject({ configuration: [{ name: 'train.batch_size', values: [64, 16] }] });
  });

  it('names the metrics that there are if the chosen one was not recorded', async () => {
    const ids = [await train(4, [1]), await train(8, [1])];
    const metric = { args: ids, options: { metric: 'val_lss' } };
    await expect(runsCompareCommand.run(metric, context())).rejects.toMatchObject({
      code: 'METRIC_NOT_FOUND',
      details: { known: 'val_loss' },
    });
    await expect(compare(ids[0]!)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('tags runs, finds them by tag, and removes the tag', async () => {
    const ids = [await train(4, [1]), await train(8, [2])];
    const tag = (args: string[], remove: string[] = []) =>
      runsTagCommand.run({ args, options: { remove } }, context());
    expect((await tag([...ids, 'baseline', 'good one'])).json).toMatchObject([
      { tags: ['baseline', 'good one'] },
      { tags: ['baseline', 'good one'] },
    ]);
    await tag([ids[0]!], ['baseline']);
    const found = await runsListCommand.run({ args: [], options: { where: 'tag=baseline' } }, context());
    expect(found.json).toMatchObject([{ id: ids[1] }]);
    await expect(tag(['baseline'])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(tag(['run-20260101-000000-zzzz', ids[0]!, 'x'])).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
  });

  it('shows metrics, artifacts, tags and the note of a run', async () => {
    const id = await train(4, [3, 1, Number.NaN]);
    const writer = await store.claim(id);
    const digest = `sha256:${'ab'.repeat(32)}`;
    await writer.addArtifact({ name: 'model', kind: 'model', digest, sizeBytes: 2_500_000, path: 'model' });
    await writer.release();
    await store.setTags(id, { add: ['good'] });
    await store.setNote(id, 'a note');
    const { text, json } = await runsShowCommand.run({ args: [id], options: {} }, context());
    expect(text).toMatch(/val_loss +3 +NaN +1 at 2 +3 at 1/);
    expect(text).toMatch(/model +model +2\.5 MB +sha256:abababababab +model/);
    expect(text).toMatch(/tags +good\nnote +a note/);
    expect(json).toMatchObject({ tags: ['good'], artifacts: [{ digest }] });
  });

  it('writes a note and deletes it', async () => {
    const id = await train(4, [1]);
    await runsNoteCommand.run({ args: [id, 'longer articles'], options: {} }, context());
    expect((await store.summarize(id)).note).toBe('longer articles');
    await runsNoteCommand.run({ args: [id], options: { delete: true } }, context());
    expect((await store.summarize(id)).note).toBeNull();
    await expect(runsNoteCommand.run({ args: [id], options: {} }, context())).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  it('lists chosen columns as CSV, sorted, with settings and extremes of metrics', async () => {
    const [first, second] = [await train(4, [3, 1, 2]), await train(8, [0.5])];
    const options = { columns: 'id,train.batch_size,val_loss.min,note', sort: '-val_loss.min', csv: true };
    await store.setNote(first!, '=1+1, "odd"');
    const { text } = await runsListCommand.run({ args: [], options }, context());
    expect(text.split('\n')).toEqual([
      'id,train.batch_size,val_loss.min,note',
      `${first},4,1,"'=1+1, ""odd"""`,
      `${second},8,0.5,`,
    ]);
  });
});

describe('a run whose model is registered after it has finished', () => {
  it('is listed with that version', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veracity-runs-'));
    try {
      const context = createQuietContext(locateHome(folder), folder);
      const run = await context.stores.runs.create(newRun, '');
      const writer = await context.stores.runs.claim(run.id);
      const end = {
        steps: 1,
        seconds: 1,
        modelVersion: null,
        metrics: { validation: metrics, test: metrics },
      };
      await writer.append({ type: 'finished', ...end });
      await writer.release();
      const model = join(folder, 'model');
      mkdirSync(model);
      writeFileSync(join(model, 'config.json'), '{}');
      saveRecord(modelFolderRecord, join(model, 'veracity.json'), {
        ...modelFolderRecord.example,
        runId: run.id,
      });
      const { reference } = await context.stores.registry.register({
        name: 'late',
        folder: model,
        evaluations: [],
      });
      const listed = await runsListCommand.run(
        { args: [], options: { where: `model_version=${reference}` } },
        context,
      );
      expect(listed.json).toMatchObject([{ id: run.id, modelVersion: 'late@1' }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
