import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeModelRegistry } from '../../../test/conformance/model-registry.ts';
import { builtModule } from '../../../test/conformance/place.ts';
import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { type EvaluationReport, evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { type Home, locateHome } from '../../foundation/records/home.ts';
import { modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { saveRecord } from '../../foundation/records/record.ts';
import { createFileModelRegistry } from './file-model-registry.ts';
import type { ModelRegistry, RegisteredModel } from './model-registry.ts';

let folder: string;
let home: Home;
let registry: ModelRegistry;
let modelFolder: string;

const clock: Clock = { nowIso: () => '2026-01-02T03:04:05.000Z', monotonicMs: () => 0 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-registry-'));
  home = locateHome(join(folder, 'home'));
  registry = createFileModelRegistry(home, clock);
  modelFolder = join(folder, 'model');
  mkdirSync(join(modelFolder, 'onnx'), { recursive: true });
  saveRecord(modelFolderRecord, join(modelFolder, 'veracity.json'), modelFolderRecord.example);
  writeFileSync(join(modelFolder, 'config.json'), '{}');
  writeFileSync(join(modelFolder, 'onnx', 'model.onnx'), 'weights');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function reportOf(
  changes: { accuracy?: number; low?: number; testSet?: string; outOfSource?: boolean; seen?: number } = {},
): EvaluationReport {
  const {
    accuracy = 0.9,
    low = accuracy - 0.02,
    testSet = 'ds-0123456789ab/test',
    outOfSource = false,
    seen = 0,
  } = changes;
  const { example } = evaluationReportRecord;
  return {
    ...example,
    testSet,
    outOfSource,
    n: 1000,
    seenInTraining: seen,
    metrics: { ...example.metrics, accuracy, macroF1: accuracy },
    intervals: { ...example.intervals, accuracy: [low, 1], macroF1: [low, 1] },
  };
}

const register = (...evaluations: EvaluationReport[]): Promise<RegisteredModel> =>
  registry.register({ name: 'compact', folder: modelFolder, evaluations });

function overwrite(path: string, content: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, content);
}

describeModelRegistry('a model registry on files', () => {
  const place = locateHome(mkdtempSync(join(tmpdir(), 'veracity-registry-')));
  return {
    open: () => createFileModelRegistry(place, systemClock),
    script: (body) => `
      import { createFileModelRegistry } from '${builtModule('keeping/registry/index.js')}';
      import { systemClock } from '${builtModule('foundation/core/index.js')}';
      const store = createFileModelRegistry(${JSON.stringify(place)}, systemClock);
      ${body}`,
    damage: ({ location }) => overwrite(join(location, 'onnx', 'model.onnx'), 'changed'),
    remove: () => rmSync(place.root, { recursive: true, force: true }),
  };
});

describe('registering', () => {
  it('numbers versions from 1 and copies the files', async () => {
    const first = await register();
    const second = await register();
    expect([first.reference, second.reference]).toEqual(['compact@1', 'compact@2']);
    expect(readFileSync(join(second.location, 'onnx', 'model.onnx'), 'utf8')).toBe('weights');
    expect(second.record.files.map((file) => file.path)).toEqual([
      'README.md',
      'config.json',
      'onnx/model.onnx',
      'veracity.json',
    ]);
  });

  it('makes the files read-only, apart from the folder they came from', async () => {
    const { location: version } = await register();
    expect(statSync(join(version, 'config.json')).mode & 0o222).toBe(0);
    writeFileSync(join(modelFolder, 'onnx', 'model.onnx'), 'other weights');
    await expect(registry.materialize('compact@1')).resolves.toMatchObject({ version: 1 });
  });

  it('gives writers at the same time different numbers', async () => {
    const registries = Array.from({ length: 8 }, () => createFileModelRegistry(home, clock));
    const models = await Promise.all(
      registries.map((one) => one.register({ name: 'compact', folder: modelFolder, evaluations: [] })),
    );
    expect(models.map((model) => model.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const model of models) await registry.materialize(model.reference);
    expect(readdirSync(join(home.models, 'compact')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('leaves nothing behind when the model folder is incomplete', async () => {
    rmSync(join(modelFolder, 'veracity.json'));
    await expect(register()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(await registry.list()).toEqual({ models: [], damaged: [], damagedLogs: [] });
  });

  it('does not give a number again that was in a stage', async () => {
    await register();
    const second = await register();
    await registry.promote('compact@2', { stage: 'staging', force: false });
    rmSync(second.location, { recursive: true });
    expect((await register()).version).toBe(3);
  });

  it('refuses names that are no folder names', async () => {
    await expect(
      registry.register({ name: '../x', folder: modelFolder, evaluations: [] }),
    ).rejects.toMatchObject({
      code: 'MODEL_NAME_INVALID',
    });
  });
});

describe('verifying', () => {
  it.each([
    ['changed', 'config.json', (path: string) => overwrite(path, '[]')],
    ['cut', 'onnx/model.onnx', (path: string) => overwrite(path, 'weigh')],
    ['missing', 'config.json', (path: string) => rmSync(path)],
    ['added', 'onnx/model.onnx_data', (path: string) => writeFileSync(path, 'x')],
    ['edited model card', 'README.md', (path: string) => overwrite(path, '# 100%')],
  ])('refuses a file that is %s, by name', async (_, file, tamper) => {
    const { location: version } = await register();
    tamper(join(version, file));
    await expect(registry.materialize('compact@1')).rejects.toMatchObject({
      code: 'MODEL_DIGEST_MISMATCH',
      details: { model: 'compact@1', file },
    });
  });

  it('refuses figures that were edited in version.json', async () => {
    const { location: version } = await register(reportOf({ accuracy: 0.5 }));
    const path = join(version, 'version.json');
    overwrite(path, readFileSync(path, 'utf8').replace('"accuracy": 0.5', '"accuracy": 0.99'));
    await expect(registry.resolve('compact@1')).rejects.toMatchObject({
      code: 'MODEL_DIGEST_MISMATCH',
    });
  });
});

describe('resolving', () => {
  it.each([
    ['production', 'Put one there: veracity models promote compact@2. '],
    ['staging', 'Put one there: veracity models promote compact@2 --stage staging. '],
  ])('says how a stage without a version gets one: %s', async (stage, hint) => {
    await register();
    await register();
    await expect(registry.resolve(`compact@${stage}`)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: `model compact@${stage}: expected a version of compact in ${stage}, found none`,
      hint: expect.stringContaining(hint),
    });
  });

  it('takes production, else the newest, for a bare name', async () => {
    await register();
    await register();
    expect((await registry.resolve('compact')).version).toBe(2);
    await registry.promote('compact@1', { stage: 'production', force: false });
    expect(await registry.resolve('compact')).toMatchObject({ version: 1, stages: ['production'] });
    expect((await registry.resolve('compact@production')).version).toBe(1);
    expect((await registry.resolve('compact@latest')).version).toBe(2);
  });

  it.each(['compact@9', 'compact@staging', 'unknown'])(
    'says that %s is not there and what is',
    async (reference) => {
      await register();
      await expect(registry.resolve(reference)).rejects.toMatchObject({
        code: 'MODEL_NOT_FOUND',
        hint: expect.stringContaining('compact'),
      });
    },
  );

  it.each(['', 'Compact', 'compact@', 'compact@0', 'compact@1@2', 'compact@-1', '../compact'])(
    'refuses %j',
    async (reference) => {
      await expect(registry.resolve(reference)).rejects.toMatchObject({ code: 'MODEL_REFERENCE_INVALID' });
    },
  );

  it('has no models in a home that does not exist', async () => {
    expect(await registry.list()).toEqual({ models: [], damaged: [], damagedLogs: [] });
    await expect(registry.resolve('compact')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: expect.stringContaining('veracity train'),
    });
  });
});

describe('promoting', () => {
  const promote = (version: number, force = false) =>
    registry.promote(`compact@${version}`, { stage: 'production', force });

  it('lets the first version into production without a comparison', async () => {
    await register(reportOf());
    expect(await promote(1)).toMatchObject({
      previous: null,
      gate: null,
      event: { version: 1, forced: false },
    });
  });

  it('passes a version that is as good within the interval', async () => {
    await register(reportOf({ accuracy: 0.9, low: 0.88 }));
    await register(reportOf({ accuracy: 0.89 }));
    await promote(1);
    expect(await promote(2)).toMatchObject({ previous: 1, gate: { outcome: 'passed' } });
  });

  it('refuses a version that is worse beyond the interval unless forced, and notes that it was forced', async () => {
    await register(reportOf({ accuracy: 0.9, low: 0.88 }));
    await register(reportOf({ accuracy: 0.87 }));
    await promote(1);
    await expect(promote(2)).rejects.toMatchObject({ code: 'PROMOTION_WORSE', exitCode: 1 });
    expect((await registry.resolve('compact')).version).toBe(1);
    const { event } = await promote(2, true);
    expect(event).toMatchObject({
      forced: true,
      note: expect.stringContaining('accuracy 0.870 against 0.900'),
      gate: {
        outcome: 'worse',
        worse: [{ metric: 'accuracy', candidate: 0.87, production: 0.9, low: 0.88 }, { metric: 'macroF1' }],
      },
    });
    expect((await registry.history('compact')).at(-1)).toEqual(event);
    expect((await registry.resolve('compact')).version).toBe(2);
  });

  it('refuses a version that is worse on a collection from elsewhere that both were measured on', async () => {
    const elsewhere = { testSet: 'horne2017', outOfSource: true };
    await register(reportOf(), reportOf({ ...elsewhere, accuracy: 0.7 }));
    await register(reportOf(), reportOf({ ...elsewhere, accuracy: 0.5 }));
    await promote(1);
    await expect(promote(2)).rejects.toMatchObject({ code: 'PROMOTION_WORSE' });
  });

  it('does not compare figures on different test sets, and says how to get comparable ones', async () => {
    await register(reportOf({ accuracy: 0.6 }));
    await register(reportOf({ accuracy: 0.99, testSet: 'ds-ffffffffffff/test' }));
    await promote(1);
    await expect(promote(2)).rejects.toMatchObject({
      code: 'PROMOTION_NOT_COMPARABLE',
      hint: expect.stringContaining('Evaluate both versions on the same test split'),
    });
    await registry.addEvaluation('compact@2', reportOf({ accuracy: 0.61 }));
    expect(await promote(2)).toMatchObject({ gate: { outcome: 'passed' } });
  });

  it('does not count a test set that the candidate was trained on', async () => {
    await register(reportOf({ accuracy: 0.6 }));
    await register(reportOf({ accuracy: 0.99, seen: 500 }));
    await promote(1);
    await expect(promote(2)).rejects.toMatchObject({
      code: 'PROMOTION_NOT_COMPARABLE',
      message: expect.stringContaining('trained on 500 of the 1000 articles'),
    });
  });

  it('does not take a shared collection from elsewhere for a comparison', async () => {
    const elsewhere = reportOf({ testSet: 'horne2017', outOfSource: true });
    await register(reportOf(), elsewhere);
    await register(reportOf({ testSet: 'ds-ffffffffffff/test' }), elsewhere);
    await promote(1);
    await expect(promote(2)).rejects.toMatchObject({ code: 'PROMOTION_NOT_COMPARABLE' });
  });

  it('refuses a tampered version even when forced', async () => {
    const { location: version } = await register();
    overwrite(join(version, 'config.json'), '[]');
    await expect(promote(1, true)).rejects.toMatchObject({ code: 'MODEL_DIGEST_MISMATCH' });
    expect(await registry.history('compact')).toEqual([]);
  });

  it('moves staging without touching production', async () => {
    await register();
    await register();
    await promote(1);
    await registry.promote('compact@2', { stage: 'staging', force: false });
    expect((await registry.list()).models.map((model) => [model.version, model.stages])).toEqual([
      [1, ['production']],
      [2, ['staging']],
    ]);
  });

  it('rolls back one version at a time until there is none before', async () => {
    for (const _ of [1, 2, 3]) await register(reportOf());
    for (const version of [1, 2, 3]) await promote(version);
    expect(await registry.rollback('compact')).toMatchObject({
      previous: 3,
      event: { version: 2, action: 'rollback' },
    });
    expect(await registry.rollback('compact')).toMatchObject({ previous: 2, event: { version: 1 } });
    await expect(registry.rollback('compact')).rejects.toMatchObject({ code: 'ROLLBACK_IMPOSSIBLE' });
    expect((await registry.resolve('compact')).version).toBe(1);
  });

  it('ignores a torn last event and continues after it', async () => {
    await register(reportOf());
    await register(reportOf());
    await promote(1);
    const log = join(home.models, 'compact', 'events.jsonl');
    appendFileSync(log, '{"schemaVersion":1,"createdAt":"2026');
    expect((await registry.resolve('compact')).version).toBe(1);
    await promote(2);
    expect((await registry.history('compact')).map((event) => event.version)).toEqual([1, 2]);
  });

  it('refuses an events file that was edited by hand', async () => {
    await register();
    writeFileSync(join(home.models, 'compact', 'events.jsonl'), 'production = 1\n');
    await expect(registry.resolve('compact')).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });

  it('lists the versions of every model although the log of one cannot be read', async () => {
    await register();
    await registry.register({ name: 'linear', folder: modelFolder, evaluations: [] });
    await registry.promote('linear@1', { stage: 'production', force: false });
    writeFileSync(join(home.models, 'compact', 'events.jsonl'), 'production = 1\n');
    const { models, damaged, damagedLogs } = await registry.list();
    expect(models.map(({ reference, stages }) => [reference, stages])).toEqual([
      ['compact@1', []],
      ['linear@1', ['production']],
    ]);
    expect(damaged).toEqual([]);
    expect(damagedLogs).toMatchObject([{ name: 'compact', error: { code: 'RECORD_INVALID' } }]);
    // whether compact is in production, too, is not known; where linear was chosen as the default, it does not matter
    await expect(registry.viewProduction()).rejects.toMatchObject({ code: 'RECORD_INVALID' });
    await registry.promote('linear@1', { stage: 'production', force: false, isDefault: true });
    expect((await registry.viewProduction()).chosen).toBe('linear@1');
  });
});
