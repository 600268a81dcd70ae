// Limits of bodies, headers and time; gzip changes none of them.
import { request } from 'node:http';
import { connect } from 'node:net';
import { finished } from 'node:stream/promises';
import { brotliCompressSync, createGunzip, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { ServeLimits } from '../../src/public/serve.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
function start(limits: Partial<ServeLimits> = {}): ReturnType<typeof createApp> {
  const app = createApp({ classifier: createRuleClassifier(), limits });
  apps.push(app);
  return app;
}
async function listen(limits: Partial<ServeLimits> = {}): Promise<number> {
  return Number(new URL(await start(limits).listen({ host: '127.0.0.1', port: 0 })).port);
}
const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
const article = JSON.stringify({ title: 'Moon!', text: 'It was sold.' });
const post = (payload: Buffer | string, more: Record<string, string> = {}) =>
  ({ method: 'POST', url: '/v1/predict', headers: { ...headers, ...more }, payload }) as const;

/** Processor time of this process, in microseconds; other programs add little to it. */
async function measureCpu(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function inflateWhole(bomb: Buffer): Promise<void> {
  const gunzip = createGunzip();
  gunzip.end(bomb);
  await finished(gunzip.resume());
}

/** All bytes received on a raw connection until it is closed. */
function converse(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

describe('gzip', () => {
  test('is accepted on every route that reads JSON', async () => {
    const app = start();
    expect((await app.inject(post(gzipSync(article)))).json()).toMatchObject({ label: 'FAKE' });
    expect((await app.inject({ ...post(gzipSync(article)), url: '/news/' })).json()).toBe(
      'This is FAKE NEWS',
    );
    const other = { 'content-encoding': 'X-GZIP' };
    expect((await app.inject(post(gzipSync(article), other))).statusCode).toBe(200);
    expect((await app.inject(post(article, { 'content-encoding': 'identity' }))).statusCode).toBe(200);
    expect((await app.inject(post(deflateSync(article), { 'content-encoding': 'deflate' }))).statusCode).toBe(
      200,
    );
  });

  test.each([
    [
      'another encoding',
      brotliCompressSync(article),
      { 'content-encoding': 'br' },
      415,
      'CONTENT_ENCODING_UNSUPPORTED',
    ],
    [
      'two encodings',
      gzipSync(gzipSync(article)),
      { 'content-encoding': 'gzip, gzip' },
      415,
      'CONTENT_ENCODING_UNSUPPORTED',
    ],
    ['what is no deflate', gzipSync(article), { 'content-encoding': 'deflate' }, 400, 'DEFLATE_INVALID'],
    [
      'deflate that is cut short',
      deflateSync(article).subarray(0, 30),
      { 'content-encoding': 'deflate' },
      400,
      'DEFLATE_INVALID',
    ],
    [
      'a bomb of deflate',
      deflateSync(Buffer.alloc(20_000_000)),
      { 'content-encoding': 'deflate' },
      413,
      'REQUEST_TOO_LARGE',
    ],
    ['what is no gzip', article, {}, 400, 'GZIP_INVALID'],
    ['gzip that is cut short', gzipSync(article).subarray(0, 30), {}, 400, 'GZIP_INVALID'],
    ['gzip of what is no JSON', gzipSync('kanarienvogel'), {}, 400, 'REQUEST_NOT_JSON'],
    ['a bomb', gzipSync(Buffer.alloc(20_000_000)), {}, 413, 'REQUEST_TOO_LARGE'],
  ])('refuses %s', async (_, payload, more, status, code) => {
    const response = await start().inject(post(payload, more));
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(response.body).not.toContain('kanarienvogel');
    if (status === 415) expect(response.headers['accept-encoding']).toBe('gzip, deflate');
  });

  test('is not inflated beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(400_000_000)); // 390 kB
    const app = start({ maxBodyBytes: 1_000_000 });
    await app.inject(post(gzipSync(article))); // what is loaded once
    const refuse = async (): Promise<void> => {
      expect((await app.inject(post(bomb))).statusCode).toBe(413);
    };
    const [whole, used] = [await measureCpu(() => inflateWhole(bomb)), await measureCpu(refuse)];
    expect(used).toBeLessThan(whole / 3);
  });
});

describe('a timeout', () => {
  test('ends slow headers with 408', async () => {
    const port = await listen({ headerSeconds: 0.2 });
    const answer = await converse(port, 'GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('"code":"REQUEST_TOO_SLOW"');
  });

  test.each([
    ['a body', '/v1/predict', 'application/json', '{"title":"Moon!", '],
    ['a file', '/v1/batch', 'text/csv', 'title\n'],
    ['a form', '/v1/batch', 'multipart/form-data; boundary=xx', '--xx\r\n'],
  ])('ends %s that arrives too slowly with 408, and closes the connection', async (_, path, type, begin) => {
    const port = await listen({ bodySeconds: 0.5 });
    const answer = await converse(
      port,
      `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 1000\r\n\r\n${begin}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/\r\nconnection: close/i);
    expect(answer).toContain('"code":"REQUEST_TOO_SLOW"');
  });

  test('ends a file that stops after its first rows with a failed line', async () => {
    const port = await listen({ bodySeconds: 0.5 });
    const rows = `title\n${'Moon!\n'.repeat(200)}`;
    const answer = await converse(
      port,
      `POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-type: text/csv\r\ncontent-length: 100000\r\n\r\n${rows}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/"type":"failed".*"code":"REQUEST_TOO_SLOW"/);
  });

  test('allows a body that arrives in time, in pieces', async () => {
    const port = await listen({ bodySeconds: 60 });
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, method: 'POST', path: '/v1/predict' };
      const client = request({ ...options, headers: { 'content-type': 'application/json' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      client.on('error', reject);
      client.write(article.slice(0, 10), () => client.end(article.slice(10)));
    });
    expect(status).toBe(200);
  });
});

describe('bytes beyond a limit', () => {
  test('are not read: the connection of a refused client is closed', async () => {
    const port = await listen({ maxBodyBytes: 1000 });
    const answer = await converse(
      port,
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5000000\r\n\r\n{"title":',
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toMatch(/\r\nconnection: close/i);
  });

  test('of headers give 431', async () => {
    const port = await listen({ maxHeaderBytes: 2000 });
    const answer = await converse(
      port,
      `GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: ${'y'.repeat(3000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(answer).toContain('"code":"REQUEST_HEADERS_TOO_LARGE"');
  });
});

test('an id that a client chose never comes back as markup', async () => {
  const articles = [{ id: '<script>alert(1)</script>', title: 'a', text: 'b' }];
  const response = await start().inject({ method: 'POST', url: '/v1/predict', payload: { articles } });
  expect(response.json().predictions[0].id).toBe('<script>alert(1)</script>');
  expect(response.body).not.toContain('<');
  expect(response.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
});
