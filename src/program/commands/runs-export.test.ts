import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { runRecord } from '../../foundation/records/run.ts';
import type { WorkflowContext } from '../../workflows/context/workflow-context.ts';
import type { CommandInput } from './command.ts';
import { runsExportCommand } from './runs-export.ts';
import { runsShowCommand } from './runs-show.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;

describe('runs export', () => {
  let folder: string;
  let context: WorkflowContext;
  let runId: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-export-'));
    context = createQuietContext(locateHome(join(folder, 'home')), folder);
    const { runs } = context.stores;
    runId = (await runs.create(newRun, 'seed: 42\n')).id;
    const writer = await runs.claim(runId);
    await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
    writer.record({ step: 1, epoch: 1, articles: 4, values: { train_loss: 0.5 } });
    await writer.append({ type: 'stopped', step: 1, reason: 'SIGINT' });
    await writer.release();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const send = (options: CommandInput['options']) =>
    runsExportCommand.run({ args: [runId], options }, context);
  const show = async () => (await runsShowCommand.run({ args: [runId], options: {} }, context)).text;

  it('writes a run for TensorBoard, and finds the folder again where none is named', async () => {
    const { text } = await send({ to: 'tensorboard', out: 'tb' });
    expect(text).toBe(`${runId} (stopped) is in TensorBoard (${join(folder, 'tb')}): sent 3 points`);
    expect(readdirSync(join(folder, 'tb'))).toEqual([runId]);
    const again = await send({ to: 'tensorboard' });
    expect(again.text).toContain(`${join(folder, 'tb')}): nothing was missing`);
    expect(again.json).toMatchObject({ points: 0, replaced: false, status: 'stopped' });
    expect(await show()).toContain(`TensorBoard (${join(folder, 'tb')}): stopped`);
  });

  it('reports a server that does not answer; runs show says how to send the rest', async () => {
    await expect(send({ to: 'mlflow', url: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      code: 'TRACKER_UNREACHABLE',
      exitCode: 1,
    });
    expect(await show()).toContain(`send the rest with: veracity runs export ${runId} --to mlflow`);
  });

  it('refuses options that choose points where a whole run is sent', async () => {
    for (const options of [{ where: 'seed=1' }, { metric: ['val_loss'] }, { hidden: true }])
      await expect(send({ to: 'tensorboard', out: 'tb', ...options })).rejects.toMatchObject({
        code: 'USAGE',
      });
    expect(existsSync(join(folder, 'tb'))).toBe(false);
  });

  it('writes points as CSV: those that a resume has hidden only when asked for', async () => {
    const writer = await context.stores.runs.claim(runId);
    writer.record({ step: 2, epoch: 2, articles: 8, values: { train_loss: Number.NaN, val_loss: 1 } });
    await writer.rewind(1);
    writer.record({ step: 2, epoch: 2, articles: 8, values: { train_loss: 0.25 } });
    await writer.release();
    const columns = async (options: CommandInput['options']) =>
      (await send({ to: 'csv', ...options })).text.split('\n').map((line) => line.split(','));
    const visible = await columns({});
    expect(visible[0]).toEqual(['run', 'metric', 'step', 'epoch', 'articles', 'time', 'value']);
    expect(visible.slice(1).map((row) => [row[1], row[2], row[6]])).toEqual([
      ['train_loss', '1', '0.5'],
      ['train_loss', '2', '0.25'],
    ]);
    const all = await columns({ metric: ['train_loss'], hidden: true });
    expect(all.slice(1).map((row) => [row[2], row[6], row[7], row[8]])).toEqual([
      ['1', '0.5', '1', 'false'],
      ['2', 'NaN', '1', 'true'],
      ['2', '0.25', '2', 'false'],
    ]);
  });

  it('writes points of all runs that a filter finds as JSON Lines, to a file', async () => {
    const out = join(folder, 'new', 'points.jsonl');
    const options = { to: 'jsonl', where: 'status=stopped', out };
    const { json } = await runsExportCommand.run({ args: [], options }, context);
    expect(json).toEqual({ runs: [runId], points: 1, path: out });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      run: runId,
      metric: 'train_loss',
      value: 0.5,
    });
    const missing = { args: ['run-20260101-000000-zzzz'], options: { to: 'csv', out } };
    await expect(runsExportCommand.run(missing, context)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(readdirSync(join(folder, 'new'))).toEqual(['points.jsonl']);
  });

  it.each([
    [{}, 'expected --to with mlflow, tensorboard, wandb, csv, jsonl, got none'],
    [{ to: 'wandb', url: 'http://a' }, '--url is for mlflow'],
    [{ to: 'mlflow', url: 'http://me:secret@a' }, 'without a user name or password'],
    [{ to: 'mlflow', out: 'x' }, '--out is for tensorboard and wandb'],
    [{ to: 'tensorboard', experiment: 'x' }, '--experiment is for mlflow and wandb'],
  ])('refuses %j and writes nothing', async (options, problem) => {
    await expect(send(options)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(new RegExp(`^(?!.*secret).*${problem}`)),
    });
    expect(existsSync(join((await context.stores.runs.files(runId)).folder, 'exports'))).toBe(false);
  });
});
