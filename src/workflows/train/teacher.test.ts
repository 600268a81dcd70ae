import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuietContext } from '../../../test/fixtures/quiet-context.ts';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { datasetManifestRecord } from '../../foundation/records/dataset-manifest.ts';
import { locateHome } from '../../foundation/records/home.ts';
import type { ModelFolder } from '../../foundation/records/model-folder.ts';
import { train } from './library.ts';
import { arrangeColumns, assertSameClasses, locateTeacher } from './teacher.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-teacher-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a teacher', () => {
  it('is refused if it has other classes', async () => {
    createRealModel(join(folder, 'teacher'), { info: { classNames: ['REAL', 'fake'] } });
    const context = createQuietContext(locateHome(join(folder, 'home')), folder);
    const manifest = { ...datasetManifestRecord.example, classNames: ['FAKE', 'REAL'] };
    const locate = (distillation: object | null) =>
      locateTeacher({ train: { distillation } } as never, context);
    expect(await locate(null)).toBeNull();
    const located = await locate({ teacher: 'teacher', temperature: 2, alpha: 0.5 });
    expect(() => assertSameClasses(located!.reference, located!.info, manifest)).toThrow(
      expect.objectContaining({ code: 'DISTILLATION_CLASSES' }),
    );
  });

  it('may have the same classes in another order: its logits are put in the order of the data', () => {
    const manifest = { ...datasetManifestRecord.example, classNames: ['a', 'b', 'c'] };
    assertSameClasses('teacher', { classNames: ['c', 'a', 'b'] } as ModelFolder, manifest);
    const logits = Float32Array.from([3, 1, 2, 30, 10, 20]);
    const arranged = arrangeColumns(logits, ['c', 'a', 'b'], ['a', 'b', 'c']);
    expect([...arranged]).toEqual([1, 2, 3, 10, 20, 30]);
    expect(arrangeColumns(logits, ['a', 'b', 'c'], ['a', 'b', 'c'])).toBe(logits);
  });

  it('cannot teach a linear model', async () => {
    createRealModel(join(folder, 'teacher'));
    const overrides = [
      'experiment=distil',
      'model=linear',
      'teacher=teacher',
      'data=sample',
      'evaluate=standard',
      'threads=1',
    ];
    const training = train(overrides, { home: join(folder, 'home'), workingDirectory: folder });
    await expect(training).rejects.toMatchObject({
      code: 'SETTING_UNSUPPORTED',
      details: { key: 'train.distillation' },
    });
  });
});
