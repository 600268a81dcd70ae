import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-page-'));
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  rmSync(folder, { recursive: true });
});

function start(): ReturnType<typeof createApp> {
  const app = createApp({ classifier: createRuleClassifier(), page: folder });
  apps.push(app);
  return app;
}

describe('the page', () => {
  test('is served from its folder, its hashed files as immutable', async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><p>page');
    writeFileSync(join(folder, '.built'), '');
    writeFileSync(join(folder, 'assets', 'main-abc123.js'), 'export {};');
    const app = start();
    const page = await app.inject('/');
    expect(page.body).toBe('<!doctype html><p>page');
    expect(page.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/html/),
      'cache-control': 'no-cache',
    });
    expect((await app.inject('/assets/main-abc123.js')).headers['cache-control']).toContain('immutable');
    for (const path of [
      '/.built',
      '/../package.json',
      '/%2e%2e/package.json',
      '/assets/',
      '/assets/none.js',
    ]) {
      const response = await app.inject(path);
      expect([path, response.statusCode]).toEqual([path, 404]);
      expect(response.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    }
  });

  test('is reported as missing when it was not built, and the API works', async () => {
    const app = start();
    const page = await app.inject('/');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('npm run build');
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  test('comes with a policy that allows no inline script, style or foreign host', async () => {
    const policy = String((await start().inject('/')).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|http|\*|upgrade-insecure/);
  });
});

describe('the documentation', () => {
  test('/openapi.json describes every route of the contract', async () => {
    const response = await start().inject('/openapi.json');
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    const { openapi, paths } = response.json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/healthz',
        '/metrics',
        '/model/',
        '/news/',
        '/readyz',
        '/v1/examples',
        '/v1/model',
        '/v1/predict',
      ]),
    );
    expect(paths['/news/'].post.requestBody.content['application/json'].schema).toMatchObject({
      type: 'object',
      properties: { title: { type: 'string' }, text: { type: 'string' } },
      required: ['title', 'text'],
    });
    expect(paths['/v1/predict'].post.responses['200'].content['application/json'].schema.anyOf).toHaveLength(
      2,
    );
  });

  test('/docs refers to this server only, without inline script', async () => {
    const app = start();
    const page = await app.inject('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/https?:\/\//);
    expect(page.body).not.toMatch(/<script>|<style|onload=/);
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await app.inject(file)).statusCode).toBe(200);
  });
});
