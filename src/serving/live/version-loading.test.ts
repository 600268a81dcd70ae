// Real models in real threads: what passes its checks, and what does not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRealModel } from '../../../test/serve/real-model.ts';
import { type ModelFolder, modelFolderRecord } from '../../foundation/records/model-folder.ts';
import { loadRecord, saveRecord } from '../../foundation/records/record.ts';
import {
  REFERENCE_FILE,
  referencePredictionsRecord,
} from '../../foundation/records/reference-predictions.ts';
import { loadClassifier } from '../../judging/predict/load-classifier.ts';
import {
  checkReferencePredictions,
  saveReferencePredictions,
} from '../../judging/predict/reference-check.ts';
import { loadVersion } from './version-loading.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-version-'));
});
afterAll(() => rmSync(root, { recursive: true }));

async function makeModel(name: string, info: Partial<ModelFolder> = {}): Promise<string> {
  const folder = join(root, name);
  createRealModel(folder, { info });
  const classifier = await loadClassifier(folder, { threads: 1, inline: true });
  await saveReferencePredictions(folder, classifier);
  await classifier.dispose();
  return folder;
}

const load = (folder: string, classNames = ['FAKE', 'REAL']) =>
  loadVersion('compact@2', 'one thread', {
    locate: async () => ({ folder, modelVersion: 'compact@2', evaluations: [] }),
    pool: {},
    classNames,
  });

describe('loadVersion', () => {
  test('loads a version that gives its reference predictions', async () => {
    const folder = await makeModel('good');
    const { answers } = loadRecord(referencePredictionsRecord, join(folder, REFERENCE_FILE));
    expect(new Set(answers.map(({ probabilities }) => probabilities.FAKE)).size).toBeGreaterThan(4);
    const { pool, reference } = await load(folder);
    expect([reference, pool.modelVersion, pool.workers]).toEqual(['compact@2', 'compact@2', 1]);
    const check = await checkReferencePredictions(folder, pool);
    expect(check.articles).toBe(answers.length);
    expect(check.maxDifference).toBeLessThan(1e-5);
    await pool.dispose();
  });

  test('refuses one with other predictions, naming no word of an article', async () => {
    const folder = await makeModel('changed');
    const info = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
    const calibration = { ...info.calibration, temperature: 5 };
    saveRecord(modelFolderRecord, join(folder, 'veracity.json'), { ...info, calibration });
    const failure = await load(folder).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MODEL_CHECK_FAILED', exitCode: 1 });
    expect(String(failure)).toMatch(
      /compact@2: expected its reference predictions within 0.01, got a probab/,
    );
    expect(String(failure)).not.toMatch(/ferry|moon/i);
  });

  test('refuses one with classes that clients of the server do not know', async () => {
    const folder = await makeModel('classes', { classNames: ['SATIRE', 'NEWS'] });
    await expect(load(folder)).rejects.toMatchObject({ code: 'MODEL_CHECK_FAILED' });
    const { pool } = await load(folder, ['SATIRE', 'NEWS']);
    await pool.dispose();
  });

  test('accepts one without reference predictions, as earlier releases made', async () => {
    const folder = await makeModel('old');
    rmSync(join(folder, REFERENCE_FILE));
    const { pool } = await load(folder);
    expect(await checkReferencePredictions(folder, pool)).toEqual({ articles: 0, maxDifference: 0 });
    await pool.dispose();
  });
});
