import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRealLinearModel, createRealModel } from '../../../test/serve/real-model.ts';
import { loadClassifier } from './load-classifier.ts';

let root = '';
let folder = '';
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'veracity-load-'));
  createRealModel(join(root, 'good'));
});
beforeEach(() => {
  folder = join(root, `model-${count++}`);
  cpSync(join(root, 'good'), folder, { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

describe('loadClassifier', () => {
  test('gives the same predictions in a worker thread as on the calling thread', async () => {
    const articles = [
      { title: 'Ferry report', text: 'The council said the ferry was in harbour.' },
      { title: '', text: 'x y' },
      { title: 'Vote', text: 'road and water '.repeat(100) },
    ];
    const [apart, inline] = await Promise.all([
      loadClassifier(folder, { threads: 1 }),
      loadClassifier(folder, { threads: 1, inline: true }),
    ]);
    const [first, second] = [await apart.predict(articles), await inline.predict(articles)];
    expect(first).toEqual(second);
    expect(new Set(first.map((answer) => answer.probability)).size).toBe(3);
    for (const answer of first) {
      expect(answer.modelVersion).toBe('run-20260101-000000-abcd');
      expect(answer.probabilities.FAKE! + answer.probabilities.REAL!).toBeCloseTo(1, 6);
    }
    await Promise.all([apart.dispose(), inline.dispose()]);
  });

  test('refuses an article that holds only an address, in the thread and on the calling one', async () => {
    for (const inline of [true, false]) {
      const classifier = await loadClassifier(folder, { threads: 1, inline });
      const articles = ['The ferry sails.', 'https://example.com/a'].map((text) => ({ title: '', text }));
      await expect(classifier.predict(articles)).rejects.toMatchObject({
        code: 'ARTICLE_TEXT_MISSING',
        issues: [{ path: 'articles.1' }],
      });
      await classifier.dispose();
    }
  });

  test('gives an article the same logits alone and in a batch', async () => {
    const classifier = await loadClassifier(folder, { threads: 1 });
    const articles = Array.from({ length: 20 }, (_, index) => ({
      title: 'Price',
      text: 'water road '.repeat(index),
    }));
    const together = await classifier.computeLogits(articles);
    for (const index of [0, 7, 19]) {
      const alone = await classifier.computeLogits([articles[index]!]);
      expect(Math.abs(alone[0]! - together[index * 2]!)).toBeLessThan(1e-4);
      expect(Math.abs(alone[1]! - together[index * 2 + 1]!)).toBeLessThan(1e-4);
    }
    await classifier.dispose();
  });

  test('predicts with a linear model, an empty article too', async () => {
    const linear = join(root, 'linear');
    createRealLinearModel(linear);
    const classifier = await loadClassifier(linear, { threads: 1 });
    const answers = await classifier.predictDetailed([
      { title: 'Ferry report', text: 'The council said so.' },
      { title: '', text: '' },
      { title: 'Vote', text: 'road and water '.repeat(100) },
    ]);
    expect(answers.map(({ measures }) => measures.truncated)).toEqual([false, false, true]);
    expect(new Set(answers.map((answer) => answer.prediction.probability)).size).toBe(3);
    await classifier.dispose();
    rmSync(join(linear, 'hashing.json'));
    await expect(loadClassifier(linear, { threads: 1 })).rejects.toMatchObject({ code: 'MODEL_INCOMPLETE' });
  });

  test('has the given registered name', async () => {
    const classifier = await loadClassifier(folder, { threads: 1, modelVersion: 'compact@4' });
    expect((await classifier.predict([{ title: 'a', text: 'b' }]))[0]!.modelVersion).toBe('compact@4');
    await classifier.dispose();
  });

  test.each(['veracity.json', 'onnx/model.onnx', 'tokenizer.json'])('names a missing %s', async (name) => {
    rmSync(join(folder, name));
    const failure = loadClassifier(folder, { threads: 1 });
    await expect(failure).rejects.toMatchObject({
      code: 'MODEL_INCOMPLETE',
      message: expect.stringContaining(name),
    });
  });

  test('names a missing folder, and a file in its place', async () => {
    await expect(loadClassifier(join(root, 'none'), { threads: 1 })).rejects.toMatchObject({
      code: 'MODEL_INCOMPLETE',
    });
    await expect(loadClassifier(join(folder, 'config.json'), { threads: 1 })).rejects.toMatchObject({
      code: 'MODEL_INCOMPLETE',
    });
  });

  test('refuses a truncated ONNX file and names it', async () => {
    const path = join(folder, 'onnx', 'model.onnx');
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    const failure = loadClassifier(folder, { threads: 1 });
    await expect(failure).rejects.toMatchObject({
      code: 'MODEL_UNUSABLE',
      message: expect.stringContaining('model.onnx'),
    });
  });

  test('refuses a broken veracity.json and a broken tokenizer', async () => {
    writeFileSync(join(folder, 'tokenizer.json'), '{"model": {}}');
    await expect(loadClassifier(folder, { threads: 1 })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('tokenizer.json'),
    });
    writeFileSync(join(folder, 'veracity.json'), '{');
    await expect(loadClassifier(folder, { threads: 1 })).rejects.toMatchObject({ code: 'RECORD_INVALID' });
  });

  test('refuses a folder whose class names do not fit the model', async () => {
    createRealModel(folder, { info: { classNames: ['A', 'B', 'C'] } });
    await expect(loadClassifier(folder, { threads: 1 })).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
  });
});
