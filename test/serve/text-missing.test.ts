// Every route answers an article without a text: all refuse it with one code, but the predecessor's route, which never did.
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function post(url: string, payload: object | string, headers: Record<string, string> = {}) {
  const app = createApp({ classifier: createRuleClassifier() });
  apps.push(app);
  return app.inject({ method: 'POST', url, payload, headers });
}

const ADDRESS = ' <https://example.com/ferry?utm_source=secret>\n';
const TEXT = 'The ferry sails again.';
const GAPS = [
  ADDRESS,
  'https://example.com/a https://example.org/b',
  'desk@example.com',
  'SEATTLE (Reuters) - ',
  '?!…',
  '😀',
];

describe('an article without a text', () => {
  test.each(GAPS)('is refused by POST /v1/predict: %j', async (text) => {
    const response = await post('/v1/predict', { title: '', text });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'ARTICLE_TEXT_MISSING', issues: [{ path: '' }] });
    expect(response.body).not.toContain('secret');
  });

  test('is named by its place in a batch', async () => {
    const articles = [TEXT, ADDRESS, TEXT, '!'].map((text) => ({ title: '', text }));
    const response = await post('/v1/predict', { articles });
    expect(response.statusCode).toBe(422);
    expect(response.json().issues).toMatchObject([
      { path: 'articles.1', code: 'address' },
      { path: 'articles.3', code: 'signs' },
    ]);
  });

  test("is refused by Hugging Face's route", async () => {
    const response = await post('/', { inputs: [TEXT, ADDRESS] });
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ code: 'ARTICLE_TEXT_MISSING', issues: [{ path: 'inputs.1' }] });
  });

  test('is refused by the Open Inference Protocol, in its form of errors', async () => {
    const inputs = [{ name: 'text', shape: [1], datatype: 'BYTES', data: [ADDRESS] }];
    const response = await post('/v2/models/compact/infer', { inputs });
    expect(response.statusCode).toBe(422);
    expect(response.json().error).toContain('expected the text of an article');
  });

  test('is a rejected row of a file, beside predicted ones', async () => {
    const csv = `title,text\n,${TEXT}\n,https://example.com/secret\n,${TEXT}\n`;
    const response = await post('/v1/batch', csv, { 'content-type': 'text/csv' });
    const lines = response.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, 3)).toMatchObject([
      { type: 'verdict', line: 2 },
      { type: 'rejected', line: 3, error: { code: 'ARTICLE_TEXT_MISSING' } },
      { type: 'verdict', line: 4 },
    ]);
    expect(lines.at(-1)).toMatchObject({ type: 'done', rows: 3, judged: 2, rejected: 1 });
    expect(response.body).not.toContain('secret');
  });

  test("is predicted by the predecessor's route, whose clients expect a sentence", async () => {
    const response = await post('/news/', { title: '', text: ADDRESS });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatch(/^This is (REAL|FAKE) NEWS$/);
  });

  test('does not hide a title that stands beside an address', async () => {
    const response = await post('/v1/predict', { title: 'The ferry resumes on Tuesday', text: ADDRESS });
    expect(response.statusCode).toBe(200);
  });
});
