// Tests what every model registry guarantees (src/keeping/registry/model-registry.ts), with a factory of stores as parameter.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EvaluationReport, evaluationReportRecord } from '../../src/foundation/records/evaluation.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { saveRecord } from '../../src/foundation/records/record.ts';
import type { ModelRegistry, RegisteredModel } from '../../src/keeping/registry/model-registry.ts';
import { killElsewhere, runElsewhere, type StorePlace } from './place.ts';

export interface ModelRegistryPlace extends StorePlace<ModelRegistry> {
  /** Changes the stored weights of a version, as a failing disk or another program would. */
  damage(model: RegisteredModel): void;
}

/** @param createPlace  a new, empty place for each test */
export function describeModelRegistry(name: string, createPlace: () => ModelRegistryPlace): void {
  describe(`${name} keeps the promises of a model registry`, () => {
    let place: ModelRegistryPlace;
    let registry: ModelRegistry;
    let folder: string;
    beforeEach(() => {
      place = createPlace();
      registry = place.open();
      folder = mkdtempSync(join(tmpdir(), 'veracity-model-'));
      mkdirSync(join(folder, 'onnx'));
      saveRecord(modelFolderRecord, join(folder, 'veracity.json'), modelFolderRecord.example);
      writeFileSync(join(folder, 'onnx', 'model.onnx'), 'weights');
    });
    afterEach(() => {
      place.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const register = (evaluations: EvaluationReport[] = [], model = 'compact') =>
      registry.register({ name: model, folder, evaluations });
    const promote = (reference: string, force = false) =>
      registry.promote(reference, { stage: 'production', force });
    const reportOf = (accuracy: number, testSet = 'ds-0123456789ab/test'): EvaluationReport => ({
      ...evaluationReportRecord.example,
      testSet,
      n: 1000,
      seenInTraining: 0,
      metrics: { ...evaluationReportRecord.example.metrics, accuracy, macroF1: accuracy },
      intervals: {
        ...evaluationReportRecord.example.intervals,
        accuracy: [accuracy - 0.02, 1],
        macroF1: [accuracy - 0.02, 1],
      },
    });

    describe('versions', () => {
      it('are numbered from 1 and returned from another instance with their files', async () => {
        const first = await register();
        writeFileSync(join(folder, 'onnx', 'model.onnx'), 'other weights');
        const second = await register([reportOf(0.9)]);
        expect([first.reference, second.reference]).toEqual(['compact@1', 'compact@2']);
        const other = place.open();
        expect(await other.resolve('compact@2')).toEqual(second);
        expect((await other.list()).models.map(({ reference }) => reference)).toEqual([
          'compact@1',
          'compact@2',
        ]);
        const found = await other.materialize('compact@1');
        expect(readFileSync(join(found.folder, 'onnx', 'model.onnx'), 'utf8')).toBe('weights');
      });

      it('are listed by name, then number', async () => {
        await register([], 'linear');
        await register();
        await register([], 'linear');
        const references = async (name?: string) =>
          (await place.open().list(name === undefined ? {} : { name })).models.map(
            ({ reference }) => reference,
          );
        expect(await references()).toEqual(['compact@1', 'linear@1', 'linear@2']);
        expect(await references('linear')).toEqual(['linear@1', 'linear@2']);
      });

      it('are refused after their files were changed, also for promotion by force', async () => {
        place.damage(await register());
        const calls = [() => place.open().materialize('compact@1'), () => promote('compact@1', true)];
        for (const call of calls)
          await expect(call()).rejects.toMatchObject({ code: 'MODEL_DIGEST_MISMATCH' });
        expect(await registry.history('compact')).toEqual([]);
      });

      it('carry later evaluations, of which the last one on a test set counts', async () => {
        await register([reportOf(0.9)]);
        await registry.addEvaluation('compact@1', {
          ...reportOf(0.8),
          createdAt: '2030-01-01T00:00:00.000Z',
        });
        await registry.addEvaluation('compact@1', reportOf(0.7, 'elsewhere'));
        const { evaluations } = await place.open().resolve('compact@1');
        expect(evaluations.map(({ testSet, metrics }) => [testSet, metrics.accuracy])).toEqual([
          ['ds-0123456789ab/test', 0.8],
          ['elsewhere', 0.7],
        ]);
      });
    });

    describe('stages', () => {
      it('are seen by another instance at once, with their history in order', async () => {
        for (const accuracy of [0.9, 0.91, 0.92]) await register([reportOf(accuracy)]);
        const server = place.open();
        expect((await server.resolve('compact')).version).toBe(3);
        await promote('compact@1');
        expect((await server.resolve('compact')).version).toBe(1);
        await promote('compact@2');
        await registry.promote('compact@3', { stage: 'staging', force: false });
        expect(await server.viewStages('compact')).toEqual({
          production: 2,
          staging: 3,
          newest: 3,
          changes: 3,
        });
        expect(await registry.findRollback('compact')).toBe(1);
        expect(await registry.rollback('compact', { reason: 'complaints' })).toMatchObject({
          previous: 2,
          event: { version: 1, reason: 'complaints' },
        });
        expect(await registry.findRollback('compact')).toBeNull();
        expect((await registry.history('compact')).at(-1)?.reason).toBe('complaints');
        expect((await server.history('compact')).map(({ action, version }) => [action, version])).toEqual([
          ['promote', 1],
          ['promote', 2],
          ['promote', 3],
          ['rollback', 1],
        ]);
        expect((await server.resolve('compact@production')).stages).toEqual(['production']);
        await expect(registry.rollback('compact')).rejects.toMatchObject({ code: 'ROLLBACK_IMPOSSIBLE' });
      });

      it('refuse a worse version, unless forced', async () => {
        await register([reportOf(0.9)]);
        await register([reportOf(0.5)]);
        await register([reportOf(0.99, 'ds-ffffffffffff/test')]);
        await promote('compact@1');
        await expect(promote('compact@2')).rejects.toMatchObject({ code: 'PROMOTION_WORSE' });
        await expect(promote('compact@3')).rejects.toMatchObject({ code: 'PROMOTION_NOT_COMPARABLE' });
        expect((await promote('compact@2', true)).event).toMatchObject({ version: 2, forced: true });
      });
    });

    describe('two processes', () => {
      it('get different numbers if they register at once', async () => {
        const body = place.script(`
          for (let i = 0; i < 3; i++)
            console.log((await store.register({ name: 'compact', folder: ${JSON.stringify(folder)}, evaluations: [] })).version);`);
        const [one, two, here] = await Promise.all([runElsewhere(body), runElsewhere(body), register()]);
        const numbers = [...one.split('\n'), ...two.split('\n')].map(Number);
        expect([...numbers, here.version].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
        for (const number of numbers) await place.open().materialize(`compact@${number}`);
      }, 30_000);

      it('are both recorded if they promote at once', async () => {
        for (const _ of [1, 2]) await register([reportOf(0.9)]);
        const promoting = (version: number): string =>
          place.script(`
            for (let i = 0; i < 8; i++)
              await store.promote('compact@${version}', { stage: 'production', force: true });`);
        await Promise.all([runElsewhere(promoting(1)), runElsewhere(promoting(2))]);
        const versions = (await registry.history('compact')).map(({ version }) => version);
        expect(versions.filter((version) => version === 1)).toHaveLength(8);
        expect(versions.filter((version) => version === 2)).toHaveLength(8);
        expect((await registry.viewStages('compact')).production).toBe(versions.at(-1));
      }, 30_000);
    });

    it('has only whole versions after a kill during a registration, and continues', async () => {
      writeFileSync(join(folder, 'onnx', 'model.onnx'), Buffer.alloc(20_000_000, 1));
      await killElsewhere(
        place.script(`
          for (;;) {
            const { reference } = await store.register({ name: 'compact', folder: ${JSON.stringify(folder)}, evaluations: [] });
            console.log(reference);
          }`),
      );
      const { models, damaged } = await place.open().list();
      expect(damaged).toEqual([]);
      expect(models.length).toBeGreaterThan(0);
      for (const { reference } of models) await place.open().materialize(reference);
      expect((await register()).version).toBe(models.length + 1);
    }, 30_000);

    describe('deletion', () => {
      it('deletes a version for good: its number is not given again', async () => {
        await register();
        await register();
        await registry.delete('compact@2', { force: false });
        expect((await place.open().list()).models.map(({ reference }) => reference)).toEqual(['compact@1']);
        await expect(place.open().resolve('compact@2')).rejects.toMatchObject({
          code: 'MODEL_NOT_FOUND',
          hint: expect.stringContaining('It was deleted on'),
        });
        expect((await register()).reference).toBe('compact@3');
        expect((await registry.viewStages('compact')).newest).toBe(3);
        await expect(registry.delete('compact@2', { force: true })).rejects.toMatchObject({
          code: 'MODEL_NOT_FOUND',
        });
        await expect(registry.delete('compact', { force: true })).rejects.toMatchObject({ code: 'USAGE' });
      });

      it('deletes a damaged version', async () => {
        place.damage(await register());
        await registry.delete('compact@1', { force: false });
        expect(await registry.list()).toEqual({ models: [], damaged: [], damagedLogs: [] });
      });

      it('refuses a version in a stage, and empties the stage where it is forced', async () => {
        await register();
        await promote('compact@1');
        await expect(registry.delete('compact@1', { force: false })).rejects.toMatchObject({
          code: 'MODEL_IN_STAGE',
        });
        await registry.delete('compact@1', { force: true });
        expect((await registry.viewStages('compact')).production).toBe(null);
        expect((await registry.history('compact')).at(-1)).toMatchObject({
          version: null,
          note: 'compact@1 was deleted',
        });
      });

      it('skips a deleted version when production goes back', async () => {
        for (const reference of ['compact@1', 'compact@2', 'compact@3']) {
          await register();
          await promote(reference, true);
        }
        await registry.delete('compact@2', { force: false });
        expect((await registry.rollback('compact')).event.version).toBe(1);
        expect((await registry.viewStages('compact')).production).toBe(1);
        await expect(registry.rollback('compact')).rejects.toMatchObject({ code: 'ROLLBACK_IMPOSSIBLE' });
      });
    });

    it('rejects for what it does not have', async () => {
      expect(await registry.list()).toEqual({ models: [], damaged: [], damagedLogs: [] });
      expect(await registry.history('compact')).toEqual([]);
      await expect(registry.register({ name: '../x', folder, evaluations: [] })).rejects.toMatchObject({
        code: 'MODEL_NAME_INVALID',
      });
      await register();
      for (const reference of ['compact@9', 'compact@staging', 'unknown'])
        await expect(registry.resolve(reference)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
      for (const reference of ['', 'compact@', 'compact@0', '../compact'])
        await expect(registry.materialize(reference)).rejects.toMatchObject({
          code: 'MODEL_REFERENCE_INVALID',
        });
    });
  });
}
