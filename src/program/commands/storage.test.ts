import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { datasetManifestRecord } from '../../foundation/records/dataset-manifest.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { saveRecord } from '../../foundation/records/record.ts';
import { runRecord } from '../../foundation/records/run.ts';
import { diagnose } from '../../workflows/diagnose/index.ts';
import type { Command } from './command.ts';
import { dataDeleteCommand } from './data-delete.ts';
import { dataGcCommand } from './data-gc.ts';
import { dataListCommand } from './data-list.ts';
import { modelsDeleteCommand } from './models-delete.ts';
import { modelsGcCommand } from './models-gc.ts';
import { runsDeleteCommand } from './runs-delete.ts';
import { runsGcCommand } from './runs-gc.ts';

const { schemaVersion: _, id: __, createdAt: ___, ...newRun } = runRecord.example;
const { metrics } = evaluationReportRecord.example;

let folder: string;
let context: ReturnType<typeof createQuietContext>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-storage-'));
  context = createQuietContext(locateHome(join(folder, 'home')), folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: Command, args: string[], options: Record<string, string | boolean> = {}) =>
  command.run({ args, options }, context);

/** A run that has finished, with a checkpoint of `bytes` bytes. */
async function createRun(bytes = 1000): Promise<string> {
  const { runs } = context.stores;
  const { id } = await runs.create(newRun, '');
  const writer = await runs.claim(id);
  const splits = { validation: metrics, test: metrics };
  await writer.append({ type: 'finished', steps: 3, seconds: 1, modelVersion: null, metrics: splits });
  await writer.release();
  const { checkpoints } = await runs.files(id);
  mkdirSync(join(checkpoints, 'step-000003'), { recursive: true });
  writeFileSync(join(checkpoints, 'step-000003', 'state'), 'x'.repeat(bytes));
  return id;
}

async function register(runId = 'run-20260101-000000-abcd', name = 'sample'): Promise<string> {
  const source = join(folder, 'model');
  saveRecord(modelFolderRecord, join(source, 'veracity.json'), { ...modelFolderRecord.example, runId });
  return (await context.stores.registry.register({ name, folder: source, evaluations: [] })).reference;
}

/** A dataset version whose train split has these articles. */
async function createDataset(id: string, text: string) {
  const { blobs, datasets } = context.stores;
  const { example } = datasetManifestRecord;
  const blob = await blobs.putBytes(text);
  const splits = { ...example.splits, train: { ...example.splits.train, ...blob } };
  await datasets.save({ ...example, id, splits });
  return blob;
}

const deadId = spawnSync(process.execPath, ['-e', '']).pid;
function leave(...path: string[]): string {
  const left = `${join(folder, 'home', ...path)}.tmp-${deadId}-0123abcd`;
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'weights'), 'x'.repeat(500));
  return left;
}

describe('runs delete', () => {
  it('shows the size first, and deletes only with --yes', async () => {
    const id = await createRun(2_000_000);
    const shown = await run(runsDeleteCommand, [id]);
    expect(shown).toMatchObject({ exitCode: 1, json: { deleted: false } });
    expect(shown.text).toMatch(/run +run-\S+ +2\.0 MB +as asked\n1 item, 2\.0 MB; nothing was deleted/);
    expect((await context.stores.runs.list()).runs).toHaveLength(1);
    expect(await run(runsDeleteCommand, [id], { yes: true })).toMatchObject({
      exitCode: 0,
      json: { deleted: true },
    });
    expect((await context.stores.runs.list()).runs).toEqual([]);
  });

  it('refuses a run that a model comes from, and one that is being written', async () => {
    const id = await createRun();
    await register(id);
    await expect(run(runsDeleteCommand, [id], { yes: true })).rejects.toMatchObject({
      code: 'STORAGE_IN_USE',
      message: expect.stringContaining('sample@1'),
    });
    const { id: active } = await context.stores.runs.create(newRun, '');
    const writer = await context.stores.runs.claim(active);
    await writer.append({ type: 'started', process: process.pid, resumedAtStep: 0 });
    await expect(run(runsDeleteCommand, [active], { yes: true })).rejects.toMatchObject({
      code: 'RUN_ACTIVE',
    });
    await writer.release();
    await run(runsDeleteCommand, [id], { yes: true, force: true });
    expect((await context.stores.runs.list()).runs.map((one) => one.id)).toEqual([active]);
  });

  it('names a run that is not there', async () => {
    await expect(run(runsDeleteCommand, ['run-1'])).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(run(runsDeleteCommand, [])).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('runs gc', () => {
  it('removes checkpoints of finished runs and what is half-written, and nothing that is needed', async () => {
    const id = await createRun();
    const left = leave('runs', id, 'model');
    const { id: stopped } = await context.stores.runs.create(newRun, '');
    const kept = (await context.stores.runs.files(stopped)).checkpoints;
    mkdirSync(kept);
    const shown = await run(runsGcCommand, []);
    expect(shown.json).toMatchObject({
      deleted: false,
      sizeBytes: 1500,
      removals: [
        { kind: 'checkpoints', name: id, sizeBytes: 1000 },
        { kind: 'half-written', name: left, sizeBytes: 500 },
      ],
    });
    await run(runsGcCommand, [], { yes: true });
    expect([existsSync(left), existsSync(kept)]).toEqual([false, true]);
    expect(existsSync((await context.stores.runs.files(id)).checkpoints)).toBe(false);
    expect(await run(runsGcCommand, [])).toMatchObject({ exitCode: 0, text: 'nothing to delete' });
  });

  it('keeps the newest runs and those that models come from', async () => {
    const ids = [await createRun(), await createRun(), await createRun()];
    const { runs } = await context.stores.runs.list();
    const oldest = runs.at(-1)!.id;
    await register(oldest);
    await run(runsGcCommand, [], { keep: '1', yes: true });
    const left = (await context.stores.runs.list()).runs.map((one) => one.id);
    expect(left.toSorted()).toEqual([runs[0]!.id, oldest].toSorted());
    expect(ids).toEqual(expect.arrayContaining(left));
    await expect(run(runsGcCommand, [], { keep: 'all' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('models', () => {
  it('deletes a version only if it is in no stage', async () => {
    await register();
    await register();
    await context.stores.registry.promote('sample@1', { stage: 'production', force: false });
    await expect(run(modelsDeleteCommand, ['sample@1'], { yes: true })).rejects.toMatchObject({
      code: 'MODEL_IN_STAGE',
    });
    for (const reference of ['sample', 'sample@latest'])
      await expect(run(modelsDeleteCommand, [reference])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(run(modelsDeleteCommand, ['other@1'])).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await run(modelsDeleteCommand, ['sample@2'], { yes: true })).toMatchObject({ exitCode: 0 });
    expect((await context.stores.registry.list()).models.map(({ reference }) => reference)).toEqual([
      'sample@1',
    ]);
  });

  it('says which version is used from now on when the default is deleted by force', async () => {
    await register();
    await register(undefined, 'other');
    await context.stores.registry.promote('sample@1', { stage: 'production', force: false });
    await context.stores.registry.promote('other@1', { stage: 'production', force: false, isDefault: true });
    const { text, json } = await run(modelsDeleteCommand, ['other@1'], { yes: true, force: true });
    expect(text).toContain('use sample@1 when no model is named');
    expect(json).toMatchObject({ deleted: true, served: 'sample@1' });
    const last = await run(modelsDeleteCommand, ['sample@1'], { yes: true, force: true });
    expect(last.text).toContain('no version is used');
  });

  it('collects old versions that are in no stage, and half-copied ones', async () => {
    for (let i = 0; i < 4; i++) await register();
    await register(undefined, 'other');
    await context.stores.registry.promote('sample@1', { stage: 'production', force: false });
    const left = leave('models', 'sample', 'version');
    const { json } = await run(modelsGcCommand, [], { keep: '1', yes: true });
    expect(json).toMatchObject({
      removals: [{ name: 'sample@2' }, { name: 'sample@3' }, { kind: 'half-written', name: left }],
    });
    const references = (await context.stores.registry.list()).models.map(({ reference }) => reference);
    expect(references).toEqual(['other@1', 'sample@1', 'sample@4']);
  });
});

describe('data', () => {
  it('lists datasets with size and users', async () => {
    await createDataset('ds-0123456789ab', 'articles');
    await createRun();
    expect((await run(dataListCommand, [])).text).toMatch(/ds-0123456789ab .* 1 +20/);
    expect((await run(dataListCommand, [])).json).toMatchObject([
      { id: 'ds-0123456789ab', users: [expect.any(String)] },
    ]);
  });

  it('deletes a dataset with the blobs that only it holds', async () => {
    const shared = await createDataset('ds-aaaaaaaaaaaa', 'shared');
    await createDataset('ds-bbbbbbbbbbbb', 'shared');
    const own = await createDataset('ds-cccccccccccc', 'own');
    await run(dataDeleteCommand, ['ds-aaaaaaaaaaaa', 'ds-cccccccccccc'], { yes: true });
    expect(await context.stores.blobs.has(shared)).toBe(true);
    expect(await context.stores.blobs.has(own)).toBe(false);
    expect((await context.stores.datasets.list()).datasets.map(({ id }) => id)).toEqual(['ds-bbbbbbbbbbbb']);
  });

  it('refuses a dataset that a run comes from', async () => {
    await createDataset(newRun.datasetVersion, 'articles');
    await createRun();
    await expect(run(dataDeleteCommand, [newRun.datasetVersion])).rejects.toMatchObject({
      code: 'STORAGE_IN_USE',
    });
  });

  it('collects old blobs that nothing names and caches of deleted datasets', async () => {
    await createDataset('ds-aaaaaaaaaaaa', 'kept');
    const { blobs } = context.stores;
    const age = async (text: string): Promise<string> => {
      const path = await blobs.materialize(await blobs.putBytes(text));
      utimesSync(path, new Date(1e12), new Date(1e12));
      return path;
    };
    const unused = await age('unused');
    const used = await age('kept');
    const young = await blobs.materialize(await blobs.putBytes('just written'));
    const tokens = join(context.home.cache, 'tokens');
    mkdirSync(tokens, { recursive: true });
    for (const id of ['ds-aaaaaaaaaaaa', 'ds-ffffffffffff'])
      writeFileSync(join(tokens, `${id}-train.vtok`), 'ids');
    const left = leave('cache', 'preparing');
    await run(dataGcCommand, [], { yes: true });
    expect([unused, used, young, left].map((path) => existsSync(path))).toEqual([false, true, true, false]);
    expect(existsSync(join(tokens, 'ds-aaaaaaaaaaaa-train.vtok'))).toBe(true);
    expect(existsSync(join(tokens, 'ds-ffffffffffff-train.vtok'))).toBe(false);
    await run(dataGcCommand, [], { yes: true, cache: true });
    expect(existsSync(join(tokens, 'ds-aaaaaaaaaaaa-train.vtok'))).toBe(false);
  });

  it('leaves all blobs alone while a manifest cannot be read', async () => {
    const blob = await createDataset('ds-aaaaaaaaaaaa', 'articles');
    utimesSync(await context.stores.blobs.materialize(blob), new Date(1e12), new Date(1e12));
    writeFileSync(context.stores.datasets.location('ds-aaaaaaaaaaaa'), '{');
    const { text } = await run(dataGcCommand, [], { yes: true });
    expect(text).toContain('blobs are kept: the manifest of ds-aaaaaaaaaaaa cannot be read');
    expect(await context.stores.blobs.has(blob)).toBe(true);
  });
});

describe('doctor', () => {
  const find = async (kind: string) => (await diagnose(context)).checks.find((check) => check.kind === kind);

  it('opens the database of runs, and names one that is damaged or lies elsewhere', async () => {
    expect(await find('database')).toMatchObject({ status: 'ok', version: null });
    expect(existsSync(context.home.database)).toBe(false);
    await createRun();
    expect(await find('database')).toMatchObject({
      status: 'ok',
      place: context.home.database,
      version: expect.any(Number),
    });
    const other = createQuietContext(locateHome(join(context.home.root, 'other')), context.home.root);
    mkdirSync(other.home.root);
    writeFileSync(other.home.database, 'an ordinary file '.repeat(100));
    expect((await diagnose(other)).checks.find(({ kind }) => kind === 'database')).toMatchObject({
      status: 'fail',
      problem: { message: expect.stringContaining(other.home.database) },
    });
  });

  it('reads every record, and names those that cannot be read', async () => {
    const id = await createRun();
    await register();
    await register();
    expect(await find('records')).toMatchObject({ status: 'ok', count: 0 });
    writeFileSync(join(context.home.models, 'sample', 'events.jsonl'), 'production = 1\n');
    const runFile = join(context.home.runs, id, 'run.json');
    writeFileSync(runFile, JSON.stringify({ ...runRecord.example, schemaVersion: 9 }));
    writeFileSync(context.home.feedback, '{"half": ');
    expect(await find('records')).toMatchObject({
      status: 'warn',
      count: 2,
      unreadable: [
        { code: 'RECORD_VERSION', path: join('runs', id, 'run.json') },
        { code: 'RECORD_INVALID', path: join('models', 'sample', 'events.jsonl') },
      ],
    });
  });

  it('finds what killed processes left, and says which command removes it', async () => {
    expect(await find('leftovers')).toMatchObject({ status: 'ok', count: 0 });
    leave('runs', await createRun(), 'model');
    leave('cache', 'export');
    expect(await find('leftovers')).toMatchObject({
      status: 'warn',
      count: 2,
      sizeBytes: 1000,
      groups: ['runs', 'data'],
    });
  });
});
