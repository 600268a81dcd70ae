import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { evaluationReportRecord } from '../../foundation/records/evaluation.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { type ModelFolder, modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { saveRecord } from '../../foundation/records/record.ts';
import { createFileModelRegistry } from '../../keeping/registry/file-model-registry.ts';
import { formatPrecisionChoice, locateServedModel } from './served-model.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-served-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const context = () => createQuietContext(locateHome(join(root, 'home')), root);

async function register(info: Partial<ModelFolder>, accuracy?: number): Promise<void> {
  const folder = join(root, 'model');
  mkdirSync(folder, { recursive: true });
  saveRecord(modelFolderRecord, join(folder, 'veracity.json'), { ...modelFolderRecord.example, ...info });
  const { example } = evaluationReportRecord;
  const report = { ...example, n: 500, metrics: { ...example.metrics, accuracy: accuracy ?? 0 } };
  await createFileModelRegistry(context().home, systemClock).register({
    name: 'compact',
    folder,
    evaluations: accuracy === undefined ? [] : [report],
  });
  rmSync(folder, { recursive: true });
}
const int8 = (original: string, more: Partial<ModelFolder> = {}): Partial<ModelFolder> => ({
  precision: 'int8',
  parents: [original, 'run', 'ds'],
  ...more,
});
const promote = () =>
  createFileModelRegistry(context().home, systemClock).promote('compact@1', {
    stage: 'production',
    force: true,
  });
const locate = (precision: 'auto' | 'fp32' | 'int8', model: string | null = null) =>
  locateServedModel({ model, precision }, context());
const check = (articles: number, agreement: number) => ({
  exportCheck: { articles, maxLogitDifference: 0.1, agreement },
});

describe('locateServedModel', () => {
  test('serves the int8 copy of the version in production if it is as accurate, and says so', async () => {
    await register({}, 0.95);
    await promote();
    await register(int8('compact@1'), 0.946);
    const served = await locate('auto');
    expect(served.modelVersion).toBe('compact@2');
    expect(formatPrecisionChoice(served.choice)).toBe('compact@2 is compact@1 in int8');
    expect((await locate('fp32')).modelVersion).toBe('compact@1');
  });

  test('serves float32 if the int8 copy loses more than half a point or lacks heads', async () => {
    await register({}, 0.95);
    await promote();
    await register(int8('compact@1', check(1000, 1)), 0.944);
    await register(int8('compact@1', { prunedHeads: [[0]] }), 0.95);
    const served = await locate('auto');
    expect(served.modelVersion).toBe('compact@1');
    expect(formatPrecisionChoice(served.choice)).toBe(
      'compact@2, its int8 copy, is not served: it lost more than 0.5 points of accuracy; serve.precision=int8 serves it all the same',
    );
    expect((await locate('int8', 'compact@1')).modelVersion).toBe('compact@2');
  });

  test('compares labels if no test split was measured and there are enough articles', async () => {
    await register({});
    await promote();
    expect(formatPrecisionChoice((await locate('auto')).choice)).toBeNull();
    await register(int8('compact@1', check(199, 1)));
    const { modelVersion, choice } = await locate('auto');
    expect([modelVersion, choice]).toEqual([
      'compact@1',
      { kind: 'original', copy: 'compact@2', reason: 'too-few-articles' },
    ]);
    await register(int8('compact@1', check(200, 0.995)));
    expect((await locate('auto')).modelVersion).toBe('compact@3');
  });

  test('serves exactly the version that was named', async () => {
    await register({}, 0.95);
    await register(int8('compact@1'), 0.95);
    expect((await locate('auto', 'compact@1')).modelVersion).toBe('compact@1');
    expect((await locate('auto', 'compact@2')).modelVersion).toBe('compact@2');
    expect((await locate('fp32', 'compact@2')).modelVersion).toBe('compact@1');
  });

  test('says how to make a precision that is missing', async () => {
    await register({}, 0.95);
    await expect(locate('int8')).rejects.toMatchObject({
      code: 'PRECISION_UNAVAILABLE',
      hint: expect.stringContaining('models export compact@1 --precision int8'),
    });
  });
});
