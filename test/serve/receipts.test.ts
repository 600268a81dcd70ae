// Ids of predictions on every route, their receipts, and readers' opinions of them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/core/clock.ts';
import { hashContent, predictionIdPattern } from '../../src/foundation/records/prediction-receipt.ts';
import { createFileFeedbackLog } from '../../src/keeping/journal/file-feedback-log.ts';
import { createFilePredictionStore } from '../../src/keeping/journal/file-prediction-store.ts';
import type { PredictionJournal } from '../../src/keeping/journal/prediction-store.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { EXAMPLE_ID } from './example-journal.ts';
import { createRuleClassifier } from './rule-classifier.ts';

let folder = '';
let journal: PredictionJournal;
let app: ReturnType<typeof createApp>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-receipts-'));
  journal = createFilePredictionStore(join(folder, 'predictions'), systemClock).openJournal({
    keepText: false,
    maxBytes: 1e6,
    maxDays: 1,
  });
  const feedback = createFileFeedbackLog(join(folder, 'feedback.jsonl'), systemClock);
  app = createApp({ classifier: createRuleClassifier(), journal, feedback });
});
afterEach(async () => {
  await app.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});
const article = { title: 'Moon sold!', text: 'A council sold the moon on Tuesday.' };
const post = (url: string, payload: unknown) =>
  app.inject({ method: 'POST', url, payload: payload as object });
const receiptOf = async (id: string) => (await app.inject(`/v1/predictions/${id}`)).json();

describe('every prediction has an id under which its receipt is found', () => {
  test('POST /v1/predict, one article', async () => {
    const response = await post('/v1/predict', article);
    const answer = response.json();
    expect(answer.predictionId).toMatch(predictionIdPattern);
    expect(response.headers['x-prediction-id']).toBe(answer.predictionId);
    expect(await receiptOf(answer.predictionId)).toMatchObject({
      id: answer.predictionId,
      requestId: answer.requestId,
      route: '/v1/predict',
      modelVersion: 'compact@1',
      runId: 'run-20260101-000000-abcd',
      datasetVersion: 'ds-0123456789ab',
      configurationDigest: null,
      parents: ['compact@1', 'run-20260101-000000-abcd', 'ds-0123456789ab'],
      contentSha256: hashContent(article),
      label: 'FAKE',
      probability: 0.75,
      probabilities: answer.probabilities,
      abstained: false,
      tokens: article.text.length,
      truncated: false,
      measures: {
        tokens: article.text.length,
        articleTokens: article.text.length,
        truncated: false,
        letterScore: -7.5,
        distance: article.text.length / 100,
      },
      warnings: [],
      warningFacts: [],
    });
  });

  test('POST /v1/predict, a batch', async () => {
    const { predictions } = (
      await post('/v1/predict', { articles: [{ id: 'mine', ...article }, article] })
    ).json();
    expect(predictions[0].id).toBe('mine');
    expect(new Set(predictions.map(({ predictionId }: { predictionId: string }) => predictionId)).size).toBe(
      2,
    );
    expect(await receiptOf(predictions[1].predictionId)).toMatchObject({ label: 'FAKE' });
  });

  test('POST /v1/batch', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/v1/batch',
      headers: { 'content-type': 'text/csv' },
      payload: 'title,text\nMoon!,It was sold.\n',
    });
    const { predictionId } = JSON.parse(response.body.split('\n')[0]!);
    expect(await receiptOf(predictionId)).toMatchObject({ route: '/v1/batch', label: 'FAKE' });
  });

  test.each([
    ['/news/', article, 1],
    ['/', { inputs: ['One text.', 'Another text.'] }, 2],
    [
      '/v2/models/compact/infer',
      { inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: ['A text.'] }] },
      1,
    ],
  ])('POST %s, in a header', async (url, body, count) => {
    const response = await post(url, body);
    const ids = String(response.headers['x-prediction-id']).split(',');
    expect(ids.length).toBe(count);
    for (const id of ids) expect(await receiptOf(id)).toMatchObject({ id });
    if (url.startsWith('/v2')) {
      const { outputs } = response.json() as { outputs: { name: string; data: string[] }[] };
      expect(outputs.find(({ name }) => name === 'prediction_id')?.data).toEqual(ids);
    }
  });
});

describe('GET /v1/predictions/{id}', () => {
  test('gives 404 for an unknown id', async () => {
    for (const id of ['0mjv6k2g0abcdefghijklmnop', 'x', '..%2f..%2fkeys.jsonl']) {
      const response = await app.inject(`/v1/predictions/${id}`);
      expect([response.statusCode, response.json().code]).toEqual([404, 'PREDICTION_NOT_FOUND']);
    }
  });

  test('finds nothing when no receipts are kept, and predictions then have no ids', async () => {
    const bare = createApp({ classifier: createRuleClassifier() });
    const response = await bare.inject({ method: 'POST', url: '/v1/predict', payload: article });
    expect(response.json().predictionId).toBe(null);
    expect(response.headers).not.toHaveProperty('x-prediction-id');
    expect((await bare.inject(`/v1/predictions/${EXAMPLE_ID}`)).statusCode).toBe(404);
    await bare.close();
  });
});

describe('POST /v1/feedback', () => {
  const ask = async (): Promise<string> => (await post('/v1/predict', article)).json().predictionId;
  const read = (): Record<string, unknown>[] =>
    readFileSync(join(folder, 'feedback.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('keeps an opinion with the receipt, and later opinions after earlier ones', async () => {
    const id = await ask();
    expect((await post('/v1/feedback', { id, agrees: true })).statusCode).toBe(200);
    const second = { id, label: 'REAL', comment: 'It did.', reviewer: 'desk' };
    expect((await post('/v1/feedback', second)).json()).toMatchObject({ id });
    expect(read()).toMatchObject([
      { agrees: true, parents: [id], prediction: { id, contentSha256: hashContent(article) } },
      { agrees: false, label: 'REAL', comment: 'It did.', reviewer: 'desk' },
    ]);
    const { body } = await app.inject('/metrics');
    expect(body).toContain('veracity_feedback_total{agrees="false"} 1');
  });

  test('refuses unknown ids, unknown classes, contradictions and empty opinions', async () => {
    const id = await ask();
    const refused = [
      [{ id: '0mjv6k2g0abcdefghijklmnop', agrees: true }, 404, 'PREDICTION_NOT_FOUND'],
      [{ id, label: 'SATIRE' }, 422, 'REQUEST_INVALID'],
      [{ id, label: 'FAKE', agrees: false }, 422, 'REQUEST_INVALID'],
      [{ id, comment: '  ' }, 422, 'REQUEST_INVALID'],
      [{ id, agrees: 'yes' }, 422, 'REQUEST_INVALID'],
      [{ id, comment: 'x'.repeat(5000) }, 422, 'REQUEST_INVALID'],
    ] as const;
    for (const [body, status, code] of refused) {
      const response = await post('/v1/feedback', body);
      expect([response.statusCode, response.json().code]).toEqual([status, code]);
    }
  });
});
