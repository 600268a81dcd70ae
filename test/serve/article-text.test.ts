// The predecessor split texts at commas and at line breaks. This follows the text of the curl command
// over a real socket, through cleaning, into a real tokenizer and a real model.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInferenceSession } from '../../src/engine/runtime/session/inference-session.ts';
import type { ArticleText } from '../../src/foundation/records/article.ts';
import { modelFolderRecord } from '../../src/foundation/records/model-folder.ts';
import { loadRecord } from '../../src/foundation/records/record.ts';
import { createClassifier } from '../../src/judging/predict/create-classifier.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { loadArticleEncoder } from '../../src/text/tokenize/load-article-encoder.ts';
import { createRealModel } from './real-model.ts';

const BODY = String.raw`{"title":"a, \"b\"","text":"one, two\nthree"}`;
const SENT: ArticleText = { title: 'a, "b"', text: 'one, two\nthree' };

const seen: ArticleText[] = [];
let folder = '';
let url = '';
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-text-'));
  createRealModel(folder);
  const info = loadRecord(modelFolderRecord, join(folder, 'veracity.json'));
  const encoder = await loadArticleEncoder(folder, info);
  const spied = {
    ...encoder,
    encode: (article: ArticleText) => {
      seen.push(article);
      return encoder.encode(article);
    },
  };
  const session = await createInferenceSession(join(folder, 'onnx', 'model.onnx'), { threads: 1 });
  app = createApp({
    classifier: createClassifier({ info, encoder: spied, session, modelVersion: 'compact@1' }),
  });
  app.addHook('onClose', () => session.dispose());
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

async function post(path: string, contentType: string): Promise<unknown> {
  seen.length = 0;
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: BODY,
  });
  expect(response.status).toBe(200);
  return response.json();
}

describe('the text that reaches the tokenizer', () => {
  test.each([
    ['/news/', 'application/json'],
    ['/news', 'application/json; charset=utf-8'],
    ['/news/', 'application/x-www-form-urlencoded'], // what curl -d says
  ])('equals the text sent to %s as %s', async (path, contentType) => {
    expect(await post(path, contentType)).toMatch(/^This is (REAL|FAKE) NEWS$/);
    expect(seen).toEqual([SENT]);
  });

  test('equals the text sent to /v1/predict', async () => {
    await post('/v1/predict', 'application/json');
    expect(seen).toEqual([SENT]);
  });

  test('is read to its end: another last word gives another probability', async () => {
    const ask = async (text: string): Promise<number> => {
      const response = await fetch(`${url}/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: SENT.title, text }),
      });
      return ((await response.json()) as { probability: number }).probability;
    };
    expect(await ask('one, two\nthree')).not.toBe(await ask('one, two\nferry'));
  });
});
