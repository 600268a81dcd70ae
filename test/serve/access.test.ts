// Access to a server: keys and scopes, rates, origins.
import { afterEach, describe, expect, test } from 'vitest';
import type { ApiScope } from '../../src/foundation/records/api-key.ts';
import { isLoopback } from '../../src/serving/access/access-options.ts';
import type { KeyLookup } from '../../src/serving/access/key-ring.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { listRoutes } from '../../src/serving/routes/routes.ts';
import { createAppContext } from './app-context.ts';
import { createExampleStudio } from './example-studio.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
type Options = NonNullable<Parameters<typeof createApp>[0]['access']>;
function start(access: Options): ReturnType<typeof createApp> {
  const app = createApp({ classifier: createRuleClassifier(), studio: createExampleStudio(), access });
  apps.push(app);
  return app;
}

const scopesOf: Record<string, ApiScope[]> = { p: ['predict'], f: ['feedback'], a: ['admin'] };
const keys: KeyLookup = {
  find: (presented) => {
    const scopes = scopesOf[presented];
    return scopes && { id: `${presented}0000000`, name: presented, scopes, createdAt: '', revokedAt: null };
  },
};
const article = { method: 'POST', url: '/v1/predict', payload: { title: 'a', text: 'b' } } as const;
const as = (key: string) => ({ authorization: `Bearer ${key}` });

describe('keys', () => {
  test('are required by every route except probes, documentation and the page', async () => {
    const app = start({ keys });
    for (const { method, url, access } of listRoutes(createAppContext())) {
      const path = url.replace(':name', 'compact').replace(':version', '1');
      const response = await app.inject({ method, url: path });
      expect([url, response.statusCode === 401]).toEqual([url, access !== 'open']);
      if (access === 'open')
        expect(['/v2', '/v2/health/live', '/v2/health/ready', '/healthz', '/readyz']).toContain(url);
    }
    for (const url of ['/', '/docs', '/openapi.json']) expect((await app.inject(url)).statusCode).toBe(200);
    expect((await app.inject('/nowhere')).statusCode).toBe(404);
  });

  test('admit a request with the scope, and name a missing one', async () => {
    const app = start({ keys });
    expect((await app.inject({ ...article, headers: as('p') })).statusCode).toBe(200);
    expect((await app.inject({ ...article, headers: { authorization: 'bearer   p' } })).statusCode).toBe(200);
    const other = await app.inject({ ...article, headers: as('a') });
    expect(other.json()).toMatchObject({
      status: 403,
      code: 'KEY_SCOPE',
      detail: expect.stringContaining('predict'),
    });
    for (const authorization of ['Bearer x', 'Basic p', 'p', 'Bearer', 'Bearer p p']) {
      const response = await app.inject({ ...article, headers: { authorization } });
      expect([authorization, response.json().code]).toEqual([authorization, 'KEY_REQUIRED']);
      expect(response.headers['www-authenticate']).toBe('Bearer');
    }
    expect((await app.inject({ url: '/metrics', headers: as('f') })).statusCode).toBe(200);
  });

  test('are ignored where none is required, and never repeated in a response', async () => {
    expect((await start({}).inject({ ...article, headers: as('x') })).statusCode).toBe(200);
    const refused = await start({ keys }).inject({ ...article, headers: as('kanarienvogel') });
    expect(refused.body + JSON.stringify(refused.headers)).not.toContain('kanarienvogel');
  });

  test('are refused below /v2 in the form of that protocol', async () => {
    const response = await start({ keys }).inject('/v2/models/compact');
    expect([response.statusCode, response.json().error]).toEqual([
      401,
      expect.stringMatching(/^KEY_REQUIRED: /),
    ]);
  });
});

describe('rates', () => {
  const perMinute = { address: 2, key: 3 };

  test('are counted by address when no key is sent', async () => {
    const app = start({ perMinute });
    const ask = (remoteAddress: string, url = '/v1/model') => app.inject({ url, remoteAddress });
    expect((await ask('203.0.113.7')).headers['x-ratelimit-remaining']).toBe('1');
    expect((await ask('203.0.113.7')).statusCode).toBe(200);
    const third = await ask('203.0.113.7');
    expect(third.json()).toMatchObject({
      status: 429,
      code: 'RATE_LIMITED',
      detail: expect.stringContaining('2 requests'),
    });
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('203.0.113.7', '/nowhere')).statusCode).toBe(429);
    expect((await ask('203.0.113.8')).statusCode).toBe(200);
    expect((await ask('2001:db8::1')).statusCode).toBe(200);
    expect((await ask('2001:db8::2')).statusCode).toBe(200);
    expect((await ask('2001:db8::3')).statusCode).toBe(429); // one network is one client
  });

  test('are not counted for probes, metrics and this machine', async () => {
    const app = start({ perMinute });
    for (let i = 0; i < 4; i++) {
      for (const url of ['/healthz', '/readyz', '/metrics', '/v2/health/live'])
        expect((await app.inject({ url, remoteAddress: '203.0.113.7' })).statusCode).toBe(200);
      expect((await app.inject('/v1/model')).statusCode).toBe(200);
    }
  });

  test('are counted by key when one is sent, from any address', async () => {
    const app = start({ keys, perMinute });
    const ask = (key: string, host: number) =>
      app.inject({ ...article, headers: as(key), remoteAddress: `203.0.113.${host}` });
    for (let i = 1; i <= 3; i++) expect((await ask('p', i)).statusCode).toBe(200);
    expect((await ask('p', 4)).json()).toMatchObject({
      code: 'RATE_LIMITED',
      detail: expect.stringContaining('key'),
    });
    expect((await ask('f', 4)).statusCode).toBe(403);
    for (let i = 0; i < 2; i++) expect((await ask('guess', 9)).statusCode).toBe(401);
    expect((await ask('guess', 9)).statusCode).toBe(429); // a guessed key is counted by its address
  });

  test('use the address that the nearest proxy names, and no other', async () => {
    const ask = (app: ReturnType<typeof createApp>, forwarded: string) =>
      app.inject({
        url: '/v1/model',
        remoteAddress: '203.0.113.7',
        headers: { 'x-forwarded-for': forwarded },
      });
    const behind = start({ perMinute, proxies: 1 });
    for (let i = 0; i < 4; i++) expect((await ask(behind, `198.51.100.${i}`)).statusCode).toBe(200);
    for (let i = 0; i < 2; i++) await ask(behind, `192.0.2.${i}, 198.51.100.99`);
    expect((await ask(behind, '192.0.2.9, 198.51.100.99')).statusCode).toBe(429);
    const bare = start({ perMinute });
    for (let i = 0; i < 2; i++) await ask(bare, `198.51.100.${i}`);
    expect((await ask(bare, '198.51.100.9')).statusCode).toBe(429);
  });
});

describe('origins', () => {
  const from = (origin: string, more: Record<string, string> = {}) => ({
    ...article,
    headers: { origin, host: 'veracity.example', ...more },
  });

  test('of other pages get no readable response and change nothing', async () => {
    const app = start({});
    const response = await app.inject(from('https://evil.example'));
    expect(response.json()).toMatchObject({ status: 403, code: 'ORIGIN_REFUSED' });
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
    expect((await app.inject(from('null'))).statusCode).toBe(403);
    const read = await app.inject({ url: '/v1/model', headers: { origin: 'https://evil.example' } });
    expect(read.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await app.inject({ method: 'OPTIONS', url: '/v1/predict' });
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('of our own pages are admitted, also behind a proxy that changes the host', async () => {
    const app = start({});
    expect((await app.inject(from('http://veracity.example'))).statusCode).toBe(200);
    const proxied = from('https://public.example', { 'sec-fetch-site': 'same-origin' });
    expect((await app.inject(proxied)).statusCode).toBe(200);
  });

  test('that are listed may send requests and read responses, refusals included', async () => {
    const app = start({ keys, allowedOrigins: ['https://news.example'] });
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/v1/predict',
      headers: { origin: 'https://news.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://news.example',
      'access-control-allow-methods': 'GET, POST, DELETE',
    });
    const refused = await app.inject(from('https://news.example'));
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['access-control-allow-origin']).toBe('https://news.example');
    const other = await app.inject(from('https://evil.example', as('p')));
    expect(other.statusCode).toBe(403);
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });
});

test('isLoopback knows the addresses of this machine', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1'])
    expect([host, isLoopback(host)]).toEqual([host, true]);
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.0.1',
    'localhost.example',
    '127.0.0.1.example',
    '128.0.0.1',
    '',
  ])
    expect([host, isLoopback(host)]).toEqual([host, false]);
});
