// Every method at every path, as RFC 9110 has it: 405 with Allow where the path has other methods, HEAD beside GET, OPTIONS.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { METHODS } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { listRoutes } from '../../src/serving/routes/routes.ts';
import { EXAMPLE_RUN_ID, EXAMPLE_SWEEP_ID } from '../../src/serving/studio/studio-examples.ts';
import { createAppContext } from './app-context.ts';
import { createExampleJournal, EXAMPLE_ID } from './example-journal.ts';
import { createExampleStudio } from './example-studio.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const folder = mkdtempSync(join(tmpdir(), 'veracity-methods-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><p>page');
writeFileSync(join(folder, 'assets', 'main-abc123.js'), 'export {};');

const app = createApp({
  classifier: createRuleClassifier(),
  journal: createExampleJournal(),
  studio: createExampleStudio(),
  page: folder,
});
let port = 0;
beforeAll(async () => {
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

/** Puts an id that the examples know into a pattern. */
const fill = (url: string): string => {
  const id = url.startsWith('/v1/runs')
    ? EXAMPLE_RUN_ID
    : url.startsWith('/v1/sweeps')
      ? EXAMPLE_SWEEP_ID
      : url.startsWith('/v1/lineage')
        ? 'compact@1'
        : EXAMPLE_ID;
  const path = url.replace(':name', 'compact').replace(':version', '1').replace(':id', id);
  return path === '/v1/runs/events' ? `${path}?seconds=0` : path; // a stream that ends at once
};
const routes = listRoutes(createAppContext());
const PATHS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    routes.map(({ url }) => [
      fill(url),
      routes.filter((route) => route.url === url).map(({ method }): string => method),
    ]),
  ),
  '/': ['GET', 'POST'],
  '/news': ['POST'], // without its slash
  '/v2/': ['GET'],
  '/v1/model?x=1': ['GET'],
  '/%76%32': ['GET'], // /v2
  '/assets/main-abc123.js': ['GET'],
  '/index.html': ['GET'],
  '/studio': ['GET'],
  '/docs': ['GET'],
  '/docs/': ['GET'],
  '/docs/static/swagger-ui.css': ['GET'],
  '/openapi.json': ['GET'],
};

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}
/** Sends bytes, because a client would refuse some methods itself. */
function send(method: string, path: string, more = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${more}\r\n`),
    );
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const [status = '', ...lines] = head.split('\r\n');
      const headers = lines.map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      });
      resolve({
        status: Number(status.split(' ')[1]),
        headers: new Map(headers),
        body: rest.join('\r\n\r\n'),
      });
    });
  });
}

describe.each(Object.entries(PATHS))('%s', (path, methods) => {
  const documented = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : [])]);
  const others = [...METHODS, 'FROB', 'get'].filter(
    (method) => !documented.has(method) && method !== 'OPTIONS' && method !== 'CONNECT',
  );

  test('refuses every other method with 405, and names its own', async () => {
    for (const method of others) {
      const { status, headers, body } = await send(method, path);
      expect([method, status]).toEqual([method, 405]);
      expect(new Set(headers.get('allow')?.split(', '))).toEqual(new Set([...documented, 'OPTIONS']));
      const type = path.startsWith('/v2') ? 'application/json' : 'application/problem+json';
      if (method !== 'HEAD') {
        expect(headers.get('content-type')).toBe(type);
        expect(JSON.stringify(JSON.parse(body))).toContain('METHOD_NOT_ALLOWED');
      }
    }
  });

  test('refuses them with a body of any type too', async () => {
    const body = 'x'.repeat(20);
    for (const method of ['PUT', 'PATCH', 'QUERY', 'DELETE', 'TRACE'].filter((one) => !documented.has(one)))
      for (const type of ['', 'text/csv', 'application/json', ';;;']) {
        const more = `content-length: ${body.length}\r\n${type === '' ? '' : `content-type: ${type}\r\n`}\r\n${body}`;
        const { status } = await send(method, path, more);
        expect([method, type, status]).toEqual([method, type, 405]);
      }
  });

  test('lists its methods for OPTIONS', async () => {
    const { status, headers, body } = await send('OPTIONS', path);
    expect([status, body]).toEqual([204, '']);
    expect(new Set(headers.get('allow')?.split(', '))).toEqual(new Set([...documented, 'OPTIONS']));
  });

  test('has HEAD without a body where it has GET', async () => {
    const [head, get] = [await send('HEAD', path), await send('GET', path)];
    expect(head.status).toBe(get.status);
    expect(head.body).toBe('');
    if (methods.includes('GET')) expect(get.status).toBeLessThan(400);
  });
});

describe('a path that no route has', () => {
  test.each(['GET', 'POST', 'PUT', 'QUERY', 'OPTIONS', 'FROB'])('is 404 for %s', async (method) => {
    for (const path of [
      '/nowhere',
      '/v1/models',
      '/assets/none.js',
      '/news//',
      '/v2/models/compact/versions/',
    ])
      expect([path, (await send(method, path)).status]).toEqual([path, 404]);
  });

  test('is none of a tunnel: CONNECT is refused with an answer', async () => {
    const { status, headers } = await send('CONNECT', 'other.example:443');
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
  });

  test('is no path at all where the target cannot be decoded or the line is no HTTP', async () => {
    for (const [method, path] of [
      ['GET', '/%E0%A4%A'],
      ['POST', '/v1/%zz'],
      ['FR OB', '/v1/model'],
    ] as const)
      expect([path, (await send(method, path)).status]).toEqual([path, 400]);
    for (const path of ['/%00', '/v1/model%00', '/assets/%00'])
      expect((await send('GET', path)).status).toBe(404);
  });
});
