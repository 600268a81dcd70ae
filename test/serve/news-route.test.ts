import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

function start(classifier = createRuleClassifier()): ReturnType<typeof createApp> {
  const app = createApp({ classifier });
  apps.push(app);
  return app;
}

const post = (app: ReturnType<typeof createApp>, payload: unknown, url = '/news/') =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  });

describe('POST /news/', () => {
  test.each(['/news/', '/news'])('responds at %s with a bare JSON string', async (url) => {
    const app = start();
    const real = await post(app, { title: 'Ferry resumes', text: 'It sailed.' }, url);
    expect(real.statusCode).toBe(200);
    expect(real.headers['content-type']).toMatch(/^application\/json/);
    expect(real.body).toBe('"This is REAL NEWS"');
    expect((await post(app, { title: 'You will not believe it!', text: 'x' }, url)).body).toBe(
      '"This is FAKE NEWS"',
    );
  });

  test('uses the class names of the loaded model', async () => {
    const app = start(createRuleClassifier({ info: { classNames: ['SATIRE', 'SERIOUS'] } }));
    expect((await post(app, { title: 'Ha!', text: 'x' })).json()).toBe('This is SATIRE NEWS');
  });

  test('passes the text on exactly as it was sent', async () => {
    const classifier = createRuleClassifier();
    const article = { title: 'a, "b"', text: 'one, two\nthree\r\n\t"four", \\five — né 😀 \u0000' };
    await post(start(classifier), article);
    expect(classifier.seen).toEqual([article]);
  });

  test('predicts an empty text, which clients of the predecessor could send', async () => {
    expect((await post(start(), { title: '', text: '' })).statusCode).toBe(200);
  });

  test('ignores further fields', async () => {
    expect((await post(start(), { title: 'a', text: 'b', source: 'c' })).statusCode).toBe(200);
  });

  test.each([
    ['no title', { text: 'b' }, 'title'],
    ['no text', { title: 'a' }, 'text'],
    ['a number for a title', { title: 1, text: 'b' }, 'title'],
    ['null for a text', { title: 'a', text: null }, 'text'],
    ['a list for a text', { title: 'a', text: ['b'] }, 'text'],
  ])('refuses %s with 422 and names the field', async (_, body, field) => {
    const response = await post(start(), body);
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({
      code: 'REQUEST_INVALID',
      status: 422,
      issues: [{ path: field }],
    });
  });

  test.each(['a string', 7, null, [{ title: 'a', text: 'b' }], true])(
    'refuses the body %j with 422',
    async (body) => {
      expect((await post(start(), body)).statusCode).toBe(422);
    },
  );

  test('refuses a request without a body with 422', async () => {
    const app = start();
    expect((await app.inject({ method: 'POST', url: '/news/' })).statusCode).toBe(422);
    const empty = {
      method: 'POST',
      url: '/news/',
      headers: { 'content-type': 'application/json' },
      payload: '',
    } as const;
    expect((await app.inject(empty)).statusCode).toBe(422);
  });
});
