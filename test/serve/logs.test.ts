// No word of an article reaches a log, an error or a metric, whatever fails in the request.
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/foundation/core/logger.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const CANARY = 'kanarienvogel';
const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function start(failing = false): { app: ReturnType<typeof createApp>; lines: () => string[] } {
  let text = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  const classifier = createRuleClassifier({
    before: async ([article]) => {
      if (failing)
        throw new TypeError(`cannot read ${article?.text}\n    at ${article?.text} (${article?.text}:1:2)`);
    },
  });
  const app = createApp({ classifier, logger: createLogger('debug', sink) });
  apps.push(app);
  return { app, lines: () => text.trim().split('\n') };
}

const json = { 'content-type': 'application/json' };

describe('logs', () => {
  test('hold id, route pattern, status and milliseconds of a request, and nothing of the URL', async () => {
    const { app, lines } = start();
    await app.inject({ method: 'POST', url: `/news?q=${CANARY}`, payload: { title: 'a', text: 'b' } });
    expect(JSON.parse(lines()[0]!)).toMatchObject({
      requestId: expect.any(String),
      method: 'POST',
      route: '/news/',
      status: 200,
      ms: expect.any(Number),
    });
    expect(lines().join()).not.toContain(CANARY);
  });

  test('hold the numbers of the first predictions of a request, and how many there were', async () => {
    const { app, lines } = start();
    const articles = Array.from({ length: 20 }, (_, i) => ({ title: CANARY, text: 'x'.repeat(4 + i) }));
    await app.inject({ method: 'POST', url: '/v1/predict', payload: { articles } });
    const line = JSON.parse(lines()[0]!);
    expect(line.articles).toBe(20);
    expect(line.predictions).toHaveLength(16);
    expect(line.predictions[0]).toEqual({
      id: null,
      modelVersion: 'compact@1',
      tokens: 4,
      articleTokens: 4,
      truncated: false,
      letterScore: -7.5,
      distance: 0.04,
      warnings: ['ARTICLE_SHORT'],
    });
    expect(line.predictions[1].warnings).toEqual([]);
    expect(lines().join()).not.toContain(CANARY);
  });

  test.each([
    ['a good request', `{"title":"${CANARY}","text":"${CANARY}"}`, json, 200],
    ['malformed JSON', `{"title":"${CANARY}", ${CANARY}`, json, 400],
    ['wrong types', `{"title":["${CANARY}"],"text":{"${CANARY}":1}}`, json, 422],
    ['the text as a key', `{"title":"a","text":"b","${CANARY}":1}`, json, 422],
    ['a bare string', `"${CANARY}"`, json, 422],
    ['a wrong media type', CANARY, { 'content-type': 'text/plain' }, 415],
    ['a media type that holds the text', CANARY, { 'content-type': `text/${CANARY}` }, 415],
    ['a body too long', `{"title":"${CANARY}","text":"${CANARY.repeat(90_000)}"}`, json, 413],
  ])('keep silent about the article in %s', async (_, payload, headers, status) => {
    const { app, lines } = start();
    const response = await app.inject({ method: 'POST', url: '/v1/predict', headers, payload });
    expect(response.statusCode).toBe(status);
    expect(response.body).not.toContain(CANARY);
    expect(lines()).toHaveLength(1);
    expect(lines().join()).not.toContain(CANARY);
    expect((await app.inject('/metrics')).body).not.toContain(CANARY);
  });

  test('show where an internal error arose, without its message', async () => {
    const { app, lines } = start(true);
    const response = await app.inject({
      method: 'POST',
      url: '/v1/predict',
      payload: { title: 'a', text: CANARY },
    });
    expect(response.statusCode).toBe(500);
    const failure = JSON.parse(lines()[0]!);
    expect(failure).toMatchObject({ causes: ['INTERNAL_BUG', 'TypeError'], route: '/v1/predict' });
    expect(failure.frames.join()).toContain('logs.test.ts');
    expect(failure.requestId).toBe(response.headers['x-request-id']);
    expect(lines().join() + response.body).not.toContain(CANARY);
  });

  test('do not name unknown paths', async () => {
    const { app, lines } = start();
    const response = await app.inject(`/${CANARY}?${CANARY}`);
    expect(response.body + lines().join()).not.toContain(CANARY);
    expect(JSON.parse(lines()[0]!)).toMatchObject({ route: 'unmatched', status: 404 });
  });
});
