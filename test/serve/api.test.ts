// /openapi.json against the server: every documented example is sent, and its response has the documented shape.
import { afterEach, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/foundation/core/error-catalogue.ts';
import { createApp } from '../../src/serving/app/app.ts';
import { createOpenApiDocument, listErrorCodes } from '../../src/serving/http/openapi-document.ts';
import { errorFormOf } from '../../src/serving/http/problem.ts';
import type { RouteDefinition, RouteExample } from '../../src/serving/http/route.ts';
import { listRoutes } from '../../src/serving/routes/routes.ts';
import { createAppContext } from './app-context.ts';
import { createExampleEvidence } from './example-evidence.ts';
import { createExampleFeedback, createExampleJournal } from './example-journal.ts';
import { createExampleStudio } from './example-studio.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const context = createAppContext();
const routes = listRoutes(context);
const cases = routes.flatMap((route) =>
  route.examples.map((example) => [`${route.operationId}: ${example.name}`, route, example] as const),
);

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
function start(): ReturnType<typeof createApp> {
  const app = createApp({
    classifier: createRuleClassifier(),
    evidence: createExampleEvidence(),
    journal: createExampleJournal(),
    feedback: createExampleFeedback(),
    studio: createExampleStudio(),
  });
  apps.push(app);
  return app;
}

/** Checks a value, or each line of an NDJSON text, against the documented schema of the status. */
function assertShape(route: RouteDefinition, status: number, mediaType: string, text: string): void {
  const documented = route.answers[status];
  if (documented === undefined) {
    expect(errorFormOf(route.url).mediaType).toBe(mediaType);
    errorFormOf(route.url).schema.parse(JSON.parse(text));
    return;
  }
  expect(Object.keys(documented.content)).toContain(mediaType);
  const schema = documented.content[mediaType];
  if (schema === undefined) return;
  const values =
    mediaType === 'application/x-ndjson' ? text.split('\n').filter((line) => line !== '') : [text];
  expect(values.length).toBeGreaterThan(0);
  for (const value of values) schema.parse(JSON.parse(value));
}

describe('every documented example', () => {
  test.each(cases)('works: %s', async (_, route, example: RouteExample) => {
    const url = route.url.replace(/:(\w+)/g, (_match, name: string) => example.path?.[name] ?? '');
    const response = await start().inject({
      method: route.method,
      url,
      query: { ...example.query },
      ...(example.body === undefined
        ? {}
        : {
            headers: { 'content-type': example.contentType ?? 'application/json' },
            payload: typeof example.body === 'string' ? example.body : JSON.stringify(example.body),
          }),
    });
    expect([response.statusCode, response.statusCode === example.status ? '' : response.body]).toEqual([
      example.status,
      '',
    ]);
    const mediaType = String(response.headers['content-type']).split(';')[0]!;
    assertShape(route, example.status, mediaType, response.body);
    if (example.answer !== undefined) {
      const text = typeof example.answer === 'string' && mediaType === 'application/x-ndjson';
      assertShape(
        route,
        example.status,
        mediaType,
        text ? String(example.answer) : JSON.stringify(example.answer),
      );
    }
    if (example.status >= 400) {
      const code = /"(?:code|error)":"([A-Z_]+)/.exec(response.body)?.[1] ?? '';
      expect(listErrorCodes(route)).toContain(code);
    }
  });

  // not: errors as examples of requests, forms and JSON Lines, a body that is right with its query only
  test('of a request that tools can send is documented in /openapi.json', async () => {
    const document = JSON.stringify((await start().inject('/openapi.json')).json());
    for (const [, , { name, body, status, query, contentType = 'application/json' }] of cases)
      if (body !== undefined && status < 400 && query === undefined && !/multipart|ndjson/.test(contentType))
        expect(document.includes(JSON.stringify(name)), name).toBe(true);
  });
});

describe('/openapi.json', () => {
  test('is made from the route definitions', async () => {
    expect((await start().inject('/openapi.json')).json()).toEqual(
      JSON.parse(JSON.stringify(createOpenApiDocument(routes))),
    );
  });

  test('describes each route with a name of its own, an example and every error by its status', async () => {
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
    const { paths } = (await start().inject('/openapi.json')).json();
    for (const route of routes) {
      expect(route.examples.length, route.operationId).toBeGreaterThan(0);
      expect(
        route.examples.some(({ status }) => status === 200),
        route.operationId,
      ).toBe(true);
      const operation = paths[route.url.replace(/:(\w+)/g, '{$1}')][route.method.toLowerCase()];
      const statuses = listErrorCodes(route).map((code) => String(CATALOGUE[code].httpStatus));
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(statuses));
    }
  });

  test('defines every schema that it refers to', async () => {
    const document = (await start().inject('/openapi.json')).json();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of new Set(references)) {
      const [, , kind, name] = reference.split('/') as [string, string, string, string];
      expect(document.components[kind][name], reference).toBeDefined();
    }
  });

  test('describes exactly the paths that the server has', async () => {
    const app = start();
    const { paths } = (await app.inject('/openapi.json')).json();
    expect(Object.keys(paths)).toEqual([...new Set(routes.map(({ url }) => url.replace(/:(\w+)/g, '{$1}')))]);
    for (const { method, url } of routes) {
      const bare = url.replace(/(?<=.)\/$/, '');
      expect(app.hasRoute({ method, url: bare }), url).toBe(true);
    }
  });
});
