import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRealLinearModel, createRealModel } from '../../../test/serve/real-model.ts';
import { systemClock } from '../../foundation/core/clock.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { createFileModelRegistry } from '../../keeping/registry/file-model-registry.ts';
import type { ModelRegistry } from '../../keeping/registry/model-registry.ts';
import { loadClassifier } from '../../public/predict.ts';

const ARTICLE = { title: 'Ferry resumes', text: 'It sailed on Tuesday, the harbour office said.' };

let folder: string;
let home: string;
let registry: ModelRegistry;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-library-'));
  home = join(folder, 'home');
  registry = createFileModelRegistry(locateHome(home), systemClock);
  createRealLinearModel(join(folder, 'linear'));
  createRealModel(join(folder, 'encoder'), { layers: 1 });
  for (const name of ['complaints', 'complaints', 'reviews'])
    await registry.register({ name, folder: join(folder, 'linear'), evaluations: [] });
  await registry.promote('complaints@1', { stage: 'production', force: false });
  await registry.promote('complaints@2', { stage: 'staging', force: false });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The version of a prediction of the loaded classifier. */
async function load(...args: Parameters<typeof loadClassifier>): Promise<string> {
  const classifier = await loadClassifier(...args);
  const [prediction] = await classifier.predict([ARTICLE]);
  await classifier.dispose();
  return prediction!.modelVersion;
}

describe('loadClassifier', () => {
  it.each([
    ['complaints@production', 'complaints@1'],
    ['complaints@staging', 'complaints@2'],
    ['complaints@latest', 'complaints@2'],
    ['complaints@2', 'complaints@2'],
    ['complaints', 'complaints@1'],
    ['reviews', 'reviews@1'],
    [null, 'complaints@1'],
    [undefined, 'complaints@1'],
  ])('finds %s in the given home', async (reference, expected) => {
    expect(await load(reference, { home, inline: true, threads: 1 })).toBe(expected);
  });

  it('takes the home of VERACITY_HOME and needs no options', async () => {
    vi.stubEnv('VERACITY_HOME', home);
    expect(await load('complaints@production')).toBe('complaints@1');
    expect(await load()).toBe('complaints@1');
  });

  it('takes folders, absolute or relative, whose predictions carry the run id or a given name', async () => {
    const runId = await load(join(folder, 'encoder'), { threads: 1 });
    expect(runId).toMatch(/^run-/);
    expect(await load('encoder', { workingDirectory: folder })).toBe(runId);
    expect(await load(join(folder, 'encoder'), { modelVersion: 'mine' })).toBe('mine');
  });

  it('refuses an article without a text in both ways to predict', async () => {
    const classifier = await loadClassifier('complaints', { home, inline: true, threads: 1 });
    const address = [{ title: '', text: 'https://example.org/news/7' }];
    await expect(classifier.predict(address)).rejects.toMatchObject({ code: 'ARTICLE_TEXT_MISSING' });
    await expect(classifier.predictDetailed(address)).rejects.toMatchObject({ code: 'ARTICLE_TEXT_MISSING' });
    const [detailed] = await classifier.predictDetailed([ARTICLE]);
    expect(detailed!.prediction).toEqual((await classifier.predict([ARTICLE]))[0]);
    const title = 'The harbour ferry sails again on Tuesday';
    const beside = await classifier.predictDetailed([
      { title, text: 'https://example.org/news/7' },
      { title, text: 'www.example.org/a?b=c' },
      { title, text: '' },
      ARTICLE,
    ]);
    const warned = beside.map(({ warnings }) => warnings.some(({ code }) => code === 'TEXT_ONLY_ADDRESS'));
    expect(warned).toEqual([true, true, false, false]);
    await classifier.dispose();
  });

  it('refuses what it cannot find, and says what there is', async () => {
    writeFileSync(join(folder, 'notes'), '');
    const failure = (reference: string) => loadClassifier(reference, { home, workingDirectory: folder });
    await expect(failure('unknown')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: expect.stringContaining('complaints, reviews'),
    });
    await expect(failure('complaints@9')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(failure('./none')).rejects.toMatchObject({ code: 'MODEL_INCOMPLETE' });
    await expect(failure('notes')).rejects.toMatchObject({ code: 'MODEL_INCOMPLETE' });
    for (const reference of ['Complaints?', '', ' '])
      await expect(failure(reference)).rejects.toMatchObject({ code: 'MODEL_REFERENCE_INVALID' });
    await expect(loadClassifier(null, { home: join(folder, 'empty') })).rejects.toMatchObject({
      code: 'MODEL_NONE',
    });
  });
});
