import { afterEach, describe, expect, test } from 'vitest';
import type { ArticleText } from '../../src/foundation/records/article.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function start(options: Partial<Parameters<typeof createApp>[0]> = {}): ReturnType<typeof createApp> {
  const app = createApp({ classifier: createRuleClassifier(), ...options });
  apps.push(app);
  return app;
}

const post = (app: ReturnType<typeof createApp>, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/v1/predict', headers, payload });

const articles = (count: number): (ArticleText & { id: string })[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `a${index}`,
    title: index % 2 === 0 ? 'Calm' : 'Loud!',
    text: 'Some words.',
  }));

describe('POST /v1/predict', () => {
  test('responds to one article with label, probabilities, model, request id and milliseconds', async () => {
    const response = await post(start(), { title: 'Calm', text: 'Some words.' }, { 'x-request-id': 'me-1' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      label: 'REAL',
      probability: 0.75,
      probabilities: { FAKE: 0.25, REAL: 0.75 },
      abstained: false,
      modelVersion: 'compact@1',
      predictionId: null,
      warnings: [],
      warningFacts: [],
      requestId: 'me-1',
      latencyMs: expect.any(Number),
    });
  });

  test('gives warnings as sentences and as facts, and passes abstention on', async () => {
    const message =
      'The article is shorter than those the model learned from (3 tokens, usually at least 5): treat the prediction with care.';
    expect((await post(start(), { title: '', text: 'abc' })).json()).toMatchObject({
      warnings: [message],
      warningFacts: [{ code: 'ARTICLE_SHORT', tokens: 3, usualTokens: 5, unit: 'tokens', message }],
    });
    expect((await post(start(), { title: '', text: 'unsure' })).json()).toMatchObject({ abstained: true });
  });

  test('keeps the order of a batch, with ids where they were sent', async () => {
    const batch = [...articles(3), { title: 'No id', text: 'Some words.' }];
    const body = (await post(start(), { articles: batch })).json();
    expect(body).toMatchObject({
      modelVersion: 'compact@1',
      requestId: expect.any(String),
      latencyMs: expect.any(Number),
    });
    expect(body.predictions.map((answer: { id?: string }) => answer.id)).toEqual([
      'a0',
      'a1',
      'a2',
      undefined,
    ]);
    expect(body.predictions.map((answer: { label: string }) => answer.label)).toEqual([
      'REAL',
      'FAKE',
      'REAL',
      'REAL',
    ]);
  });

  test('accepts 256 articles and refuses 257', async () => {
    const app = start();
    expect((await post(app, { articles: articles(256) })).json().predictions).toHaveLength(256);
    const refused = await post(app, { articles: articles(257) });
    expect(refused.statusCode).toBe(422);
    expect(refused.json()).toMatchObject({ code: 'TOO_MANY_ARTICLES' });
    expect(refused.json().detail).toContain('257');
  });

  test.each([
    ['an empty batch', { articles: [] }, 'articles'],
    ['articles that are no list', { articles: 'x' }, 'articles'],
    ['a wrong article in a batch', { articles: [...articles(1), { title: 'a' }] }, 'articles.1.text'],
    ['a number for an id', { articles: [{ id: 4, title: 'a', text: 'b' }] }, 'articles.0.id'],
    ['an empty article in a batch', { articles: [...articles(1), { title: ' ', text: '\n' }] }, 'articles.1'],
    ['an unknown field', { title: 'a', text: 'b', texxt: 'c' }, ''],
    ['no words at all', { title: '', text: ' ' }, ''],
    ['a body with neither', {}, 'title'],
  ])('refuses %s with 422 and says where', async (_, body, path) => {
    const response = await post(start(), body);
    expect(response.statusCode).toBe(422);
    expect(response.json().issues[0]).toMatchObject({ path });
  });

  test('says SERVER_BUSY when too many requests are in progress, and recovers', async () => {
    let free: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const classifier = createRuleClassifier({ before: () => held });
    const app = start({ classifier, limits: { maxInFlight: 1 } });
    await app.ready();
    const first = post(app, { title: 'a', text: 'b' }).then((response) => response.statusCode);
    while (classifier.seen.length === 0) await new Promise(setImmediate);
    const second = await post(app, { title: 'a', text: 'b' });
    expect(second.statusCode).toBe(503);
    expect(second.headers['retry-after']).toBe('1');
    expect(second.json()).toMatchObject({ code: 'SERVER_BUSY' });
    free();
    expect(await first).toBe(200);
    expect((await post(app, { title: 'a', text: 'b' })).statusCode).toBe(200);
  });
});
