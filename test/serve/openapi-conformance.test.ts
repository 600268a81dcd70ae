// What tools that try an API by its OpenAPI document rely on: the kinds of mistakes that schemathesis found, each kept as a rule.
// By hand: pip install schemathesis; st run http://127.0.0.1:8000/openapi.json -c all
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/serving/app/app.ts';
import { EXAMPLE_RUN_ID, EXAMPLE_SWEEP_ID } from '../../src/serving/studio/studio-examples.ts';
import { createExampleEvidence } from './example-evidence.ts';
import { createExampleFeedback, createExampleJournal, EXAMPLE_ID } from './example-journal.ts';
import { createExampleStudio } from './example-studio.ts';
import { createRuleClassifier } from './rule-classifier.ts';

type Json = Record<string, unknown>;
interface MediaContent {
  readonly schema?: Json;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaContent>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaContent>> }>>;
}

const app = createApp({
  classifier: createRuleClassifier(),
  evidence: createExampleEvidence(),
  journal: createExampleJournal(),
  feedback: createExampleFeedback(),
  studio: createExampleStudio(),
});
const document = (await app.inject('/openapi.json')).json() as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> };
};
beforeAll(() => app.ready());
afterAll(() => app.close());

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
const fill = (path: string): string =>
  path.replace('{name}', 'compact').replace('{version}', '1').replace('{id}', idOf(path));

function idOf(path: string): string {
  if (path.startsWith('/v1/runs')) return EXAMPLE_RUN_ID;
  if (path.startsWith('/v1/sweeps')) return EXAMPLE_SWEEP_ID;
  return path.startsWith('/v1/lineage') ? 'compact@1' : EXAMPLE_ID;
}

/** The parts of JSON Schema that the document uses; written here because zod reads `anyOf` beside `type` only in part. */
function isValid(schema: Json | boolean, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  if (typeof schema.$ref === 'string')
    return isValid(document.components.schemas[schema.$ref.split('/').at(-1)!]!, value);
  const every = (list: unknown) => ((list ?? []) as Json[]).every((one) => isValid(one, value));
  const some = (list: unknown) => list === undefined || (list as Json[]).some((one) => isValid(one, value));
  if (!every(schema.allOf) || !some(schema.anyOf) || !some(schema.oneOf)) return false;
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isType(String(type), value)))
    return false;
  if (schema.const !== undefined && JSON.stringify(schema.const) !== JSON.stringify(value)) return false;
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => JSON.stringify(one) === JSON.stringify(value)))
    return false;
  if (typeof value === 'string') return isValidText(schema, value);
  if (typeof value === 'number')
    return value >= Number(schema.minimum ?? -Infinity) && value <= Number(schema.maximum ?? Infinity);
  if (Array.isArray(value)) {
    if (value.length < Number(schema.minItems ?? 0) || value.length > Number(schema.maxItems ?? Infinity))
      return false;
    const prefix = (schema.prefixItems ?? []) as Json[];
    return value.every((item, i) => isValid(prefix[i] ?? (schema.items as Json) ?? true, item));
  }
  if (typeof value !== 'object' || value === null) return true;
  const properties = (schema.properties ?? {}) as Record<string, Json>;
  if (((schema.required ?? []) as string[]).some((name) => !(name in value))) return false;
  return Object.entries(value).every(([name, item]) =>
    isValid(properties[name] ?? (schema.additionalProperties as Json) ?? true, item),
  );
}
function isValidText(schema: Json, value: string): boolean {
  const fits =
    value.length >= Number(schema.minLength ?? 0) && value.length <= Number(schema.maxLength ?? Infinity);
  return fits && (schema.pattern === undefined || new RegExp(String(schema.pattern), 'u').test(value));
}
function isType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

describe('schemas of /openapi.json', () => {
  test('of no component are only a reference, least of all to itself', () => {
    for (const [name, schema] of Object.entries(document.components.schemas))
      expect([name, '$ref' in schema]).toEqual([name, false]);
  });

  test('have patterns that JavaScript can read', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(3);
    for (const [, pattern] of patterns) new RegExp(JSON.parse(pattern!) as string, 'u');
  });

  const bodies = operations.flatMap(({ path, method, operation }) =>
    Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, { schema, examples = {} }]) =>
      Object.entries(examples).map(
        ([name, { value }]) =>
          [`${operation.operationId}: ${name}`, { path, method, type, schema, value }] as const,
      ),
    ),
  );
  test.each(bodies)('fit every example of a request, and the server accepts it: %s', async (_, one) => {
    expect(isValid(one.schema ?? true, one.value)).toBe(true);
    const payload = typeof one.value === 'string' ? one.value : JSON.stringify(one.value);
    const headers = { 'content-type': one.type };
    const response = await app.inject({
      method: one.method as 'POST',
      url: fill(one.path),
      headers,
      payload,
    });
    expect([response.statusCode, response.statusCode < 300 ? '' : response.body]).toEqual([200, '']);
  });

  const answers = operations.flatMap(({ operation }) =>
    Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content)
        .filter(([type]) => type.endsWith('json') && !type.includes('ndjson'))
        .flatMap(([, { schema, examples = {} }]) =>
          Object.entries(examples).map(
            ([name, { value }]) => [`${operation.operationId} ${status}: ${name}`, schema, value] as const,
          ),
        ),
    ),
  );
  test.each(answers)('fit every example of a response: %s', (_, schema, value) => {
    expect(isValid(schema ?? true, value)).toBe(true);
  });

  const body = (path: string): Json =>
    document.paths[path]!.post!.requestBody!.content['application/json']!.schema!;
  const tensor = (name: string, shape: number[], data: unknown[]) => ({
    name,
    shape,
    datatype: 'BYTES',
    data,
  });
  const TEXT = 'The ferry sailed again.';
  test.each([
    ['/v1/predict', { title: '', text: '' }, 422],
    ['/v1/predict', { title: ' \n', text: '\t' }, 422],
    ['/v1/predict', { title: '', text: '…!' }, 422],
    ['/v1/predict', { articles: [{ title: '', text: '' }] }, 422],
    ['/v1/predict', { articles: [] }, 422],
    ['/v1/predict', { title: 'Ferry', text: '', similar: 21 }, 422],
    ['/v1/predict', { title: 'a', text: TEXT, more: 1 }, 422],
    ['/v1/predict', { title: '', text: TEXT, explain: null, similar: null }, 200],
    ['/v1/predict', { title: 'Fähre fährt', text: '' }, 200],
    ['/v1/predict', { title: '', text: 'Паром снова ходит' }, 200],
    ['/v1/predict', { articles: [{ id: null, title: '', text: TEXT }] }, 200],
    ['/v1/feedback', { id: EXAMPLE_ID }, 422],
    ['/v1/feedback', { id: EXAMPLE_ID, comment: ' ' }, 422],
    ['/v1/feedback', { id: EXAMPLE_ID, reviewer: 'desk' }, 422],
    ['/v1/feedback', { id: EXAMPLE_ID, agrees: true }, 200],
    ['/', { inputs: '' }, 422],
    ['/', { inputs: [TEXT, ' '] }, 422],
    ['/', { inputs: TEXT, parameters: null }, 200],
    ['/v2/models/{name}/infer', { inputs: [tensor('text', [2], [TEXT])] }, 422],
    ['/v2/models/{name}/infer', { inputs: [tensor('text', [1], [''])] }, 422],
    ['/v2/models/{name}/infer', { inputs: [tensor('text', [1], [TEXT]), tensor('text', [1], [TEXT])] }, 422],
    [
      '/v2/models/{name}/infer',
      { inputs: [tensor('text', [1], [TEXT]), tensor('title', [2], [TEXT, TEXT])] },
      422,
    ],
    [
      '/v2/models/{name}/infer',
      {
        inputs: [tensor('text', [1], [TEXT])],
        outputs: [{ name: 'label', parameters: { classification: 1 } }],
      },
      422,
    ],
    [
      '/v2/models/{name}/infer',
      { inputs: [tensor('text', [2, 1], [[TEXT], [TEXT]]), tensor('title', [2], [TEXT, TEXT])] },
      200,
    ],
  ] as const)('and the server say the same of a body for %s: %j', async (path, payload, status) => {
    const response = await app.inject({ method: 'POST', url: fill(path), payload });
    expect(response.statusCode).toBe(status);
    expect(isValid(body(path), payload)).toBe(status === 200);
  });
});

describe('errors', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const ODD: readonly (readonly [string, string, string])[] = [
    ['garbage in content-type', ';;;', '{}'],
    ['two types in content-type', 'application/json, text/plain', '{}'],
    ['a very long content-type', `application/${'x'.repeat(5000)}`, '{}'],
    ['deep JSON', 'application/json', deep],
    [
      'deep JSON in a field',
      'application/json',
      `{"title":${deep},"text":"a","inputs":${deep},"id":${deep}}`,
    ],
    ['a key twice', 'application/json', '{"id":"a","id":"b","title":"x","title":1,"inputs":1,"inputs":[]}'],
    [
      'huge numbers',
      'application/json',
      '{"id":1e999,"title":1e999,"text":-1e999,"inputs":9007199254740993}',
    ],
    [
      'lone surrogates',
      'application/json',
      '{"id":"\\ud800","title":"\\udfff","text":"","inputs":"\\ud800"}',
    ],
    [
      'zero bytes',
      'application/json',
      '{"id":"\\u0000","title":"\\u0000","text":"\\u0000","inputs":"\\u0000"}',
    ],
    ['null', 'application/json', 'null'],
    ['a list', 'application/json', '[]'],
    ['keys of Object.prototype', 'application/json', '{"__proto__":{"title":"a"},"constructor":1}'],
    ['no JSON', 'application/json', '{"title":'],
    ['nothing', 'application/json', ''],
    ['a form', 'application/x-www-form-urlencoded', 'title=a&text=b'],
    ['text', 'text/plain', 'hello'],
  ];
  const problem = z.object({ status: z.int(), code: z.string(), requestId: z.string() });
  const posts = operations.filter(({ method }) => method === 'POST');

  test.each(
    posts.flatMap((one) =>
      ODD.map(([what, type, payload]) => [`${one.path} with ${what}`, one, type, payload] as const),
    ),
  )('have a documented status and form: POST %s', async (_, { path, operation }, type, payload) => {
    const response = await app.inject({
      method: 'POST',
      url: fill(path),
      headers: { 'content-type': type },
      payload,
    });
    const { statusCode: status } = response;
    expect(Object.keys(operation.responses)).toContain(String(status));
    expect(status).toBeLessThan(500);
    const documented = Object.keys(operation.responses[String(status)]?.content ?? {});
    expect(documented).toContain(String(response.headers['content-type']).split(';')[0]);
    if (status < 400) return;
    if (path.startsWith('/v2')) expect(response.json()).toEqual({ error: expect.any(String) });
    else expect(problem.parse(response.json()).status).toBe(status);
  });

  test('are documented for every route: headers too long, and busy where a model predicts', () => {
    for (const { operation } of operations) {
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '431', '500']));
      if (operation.requestBody === undefined) continue;
      const statuses = ['408', '413', '415', '429'];
      expect([operation.operationId, Object.keys(operation.responses)]).toEqual([
        operation.operationId,
        expect.arrayContaining(statuses),
      ]);
    }
  });
});
