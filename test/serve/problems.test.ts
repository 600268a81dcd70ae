// Every invalid request gets a problem document with our code.
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
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

const json = { 'content-type': 'application/json' };

describe('problem documents', () => {
  test.each([
    ['an unknown path', 'GET', '/nowhere', {}, '', 404, 'ROUTE_NOT_FOUND'],
    ['a wrong method', 'GET', '/news/', {}, '', 405, 'METHOD_NOT_ALLOWED'],
    ['a path with one slash too many', 'POST', '/news//', json, '{}', 404, 'ROUTE_NOT_FOUND'],
    ['a path that cannot be decoded', 'GET', '/%E0%A4%A', {}, '', 400, 'REQUEST_REFUSED'],
    ['a wrong method without the slash', 'DELETE', '/model', {}, '', 405, 'METHOD_NOT_ALLOWED'],
    ['malformed JSON', 'POST', '/v1/predict', json, '{"title": "a", ', 400, 'REQUEST_NOT_JSON'],
    [
      'JSON that is not UTF-8',
      'POST',
      '/v1/predict',
      json,
      Buffer.from([0x22, 0xff, 0xfe, 0x22]),
      400,
      'REQUEST_NOT_JSON',
    ],
    [
      'plain text',
      'POST',
      '/news/',
      { 'content-type': 'text/plain' },
      'hello',
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'XML',
      'POST',
      '/v1/predict',
      { 'content-type': 'application/xml' },
      '<a/>',
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'a form',
      'POST',
      '/news/',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'title=a&text=b',
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'a body over 1 MB',
      'POST',
      '/v1/predict',
      json,
      JSON.stringify({ title: '', text: 'x'.repeat(1_048_576) }),
      413,
      'REQUEST_TOO_LARGE',
    ],
    ['a wrong shape', 'POST', '/v1/predict', json, '{}', 422, 'REQUEST_INVALID'],
  ] as const)('answers %s', async (_, method, url, headers, payload, status, code) => {
    const response = await start().inject({ method, url, headers, ...(payload === '' ? {} : { payload }) });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({
      type: `urn:veracity:error:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
      hint: expect.any(String),
      requestId: response.headers['x-request-id'],
    });
  });

  test('names the methods of a route', async () => {
    const response = await start().inject({ method: 'GET', url: '/v1/predict' });
    expect(response.headers.allow).toBe('POST, OPTIONS');
  });

  test('accepts a body of exactly the limit', async () => {
    const body = JSON.stringify({ title: '', text: '' });
    const text = 'x'.repeat(1_048_576 - body.length);
    const response = await start().inject({
      method: 'POST',
      url: '/v1/predict',
      payload: { title: '', text },
    });
    expect(response.statusCode).toBe(200);
  });

  test('accepts JSON that curl -d labels as a form', async () => {
    const response = await start().inject({
      method: 'POST',
      url: '/news/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: '{"title":"a, \\"b\\"","text":"one, two\\nthree"}',
    });
    expect(response.json()).toBe('This is REAL NEWS');
  });

  test('says nothing but INTERNAL_BUG and the request id when the model fails', async () => {
    const classifier = createRuleClassifier({ before: () => Promise.reject(new Error('tensor of shape')) });
    const response = await start({ classifier }).inject({
      method: 'POST',
      url: '/v1/predict',
      payload: { title: 'a', text: 'b' },
    });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'INTERNAL_BUG', requestId: expect.any(String) });
    expect(response.body).not.toContain('tensor');
  });

  test('gives each request an id, and keeps a plain one that was sent', async () => {
    const app = start();
    const ids = await Promise.all(
      [1, 2].map(async () => (await app.inject('/healthz')).headers['x-request-id']),
    );
    expect(new Set(ids).size).toBe(2);
    const kept = await app.inject({ url: '/healthz', headers: { 'x-request-id': 'trace-7.a' } });
    expect(kept.headers['x-request-id']).toBe('trace-7.a');
    const odd = await app.inject({ url: '/healthz', headers: { 'x-request-id': 'two words' } });
    expect(odd.headers['x-request-id']).not.toBe('two words');
  });

  test('is not ready while it stops', async () => {
    const response = await start({ isReady: () => false }).inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'SERVER_STOPPING' });
  });

  test('is not ready after a failed prediction until the model predicts again', async () => {
    let broken = true;
    const classifier = createRuleClassifier({
      before: () => (broken ? Promise.reject(new Error('gone')) : Promise.resolve()),
    });
    const app = start({ classifier });
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    await app.inject({ method: 'POST', url: '/news/', payload: { title: 'a', text: 'b' } });
    expect((await app.inject('/readyz')).json()).toMatchObject({ status: 503, code: 'MODEL_FAILED' });
    broken = false;
    expect((await app.inject('/readyz')).statusCode).toBe(200);
  });

  test('responds to bytes that are no HTTP with 400', async () => {
    const app = start();
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.end('NOT HTTP\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"REQUEST_REFUSED"');
  });

  test('refuses a body that turns out too long while it is read', async () => {
    const app = start({ limits: { maxBodyBytes: 1000 } });
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...json, 'transfer-encoding': 'chunked' };
      const client = request(
        { host: '127.0.0.1', port, method: 'POST', path: '/v1/predict', headers },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      client.on('error', reject);
      client.write('"');
      client.end('x'.repeat(2000));
    });
    expect(status).toBe(413);
  });
});
