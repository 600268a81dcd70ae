// Protocols of other projects: with their own client where it is small, and case by case as specified.
import { InferenceClient } from '@huggingface/inference';
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

describe('Hugging Face', () => {
  test('its client classifies with the address of the server as its endpoint', async () => {
    const url = await start().listen({ host: '127.0.0.1', port: 0 });
    const client = new InferenceClient(undefined, { endpointUrl: url });
    expect(await client.textClassification({ inputs: 'The ferry sailed.' })).toEqual([
      { label: 'REAL', score: 0.75 },
      { label: 'FAKE', score: 0.25 },
    ]);
    const top = await client.textClassification({ inputs: 'Ferry', parameters: { top_k: 1 } });
    expect(top).toEqual([{ label: 'REAL', score: 0.75 }]);
    const refused = client.textClassification({ inputs: '' });
    await expect(refused).rejects.toThrow(/expected texts that are not empty/);
  });

  test('its client sends its token as our key', async () => {
    const keys = {
      find: (key: string) =>
        key === 'vk_x'
          ? { id: '0123abcd', name: '', scopes: ['predict'] as const, createdAt: '', revokedAt: null }
          : undefined,
    };
    const url = await start({ access: { keys } }).listen({ host: '127.0.0.1', port: 0 });
    const ask = (token: string) =>
      new InferenceClient(token, { endpointUrl: url }).textClassification({ inputs: 'Ferry' });
    expect(await ask('vk_x')).toHaveLength(2);
    await expect(ask('vk_y')).rejects.toThrow(/expected an API key/);
  });

  test('predicts each text of a list, and names the version that predicted', async () => {
    const classifier = createRuleClassifier();
    const response = await start({ classifier }).inject({
      method: 'POST',
      url: '/',
      payload: { inputs: ['one', 'two', 'three'], model: 'ignored' },
    });
    expect(response.json()).toHaveLength(3);
    expect(classifier.seen).toEqual(['one', 'two', 'three'].map((text) => ({ title: '', text })));
    expect(response.headers['x-model-version']).toBe('compact@1');
  });

  test.each([
    ['no inputs', {}],
    ['a number', { inputs: 1 }],
    ['an empty list', { inputs: [] }],
    ['a list of lists', { inputs: [['a']] }],
    ['another function', { inputs: 'a', parameters: { function_to_apply: 'sigmoid' } }],
    ['no classes', { inputs: 'a', parameters: { top_k: 0 } }],
  ])('refuses %s', async (_, payload) => {
    const response = await start().inject({ method: 'POST', url: '/', payload });
    expect(response.json()).toMatchObject({ status: 422, code: 'REQUEST_INVALID' });
  });

  test('accepts no more texts than articles in a batch', async () => {
    const payload = { inputs: Array.from({ length: 257 }, () => 'a') };
    const response = await start().inject({ method: 'POST', url: '/', payload });
    expect(response.json()).toMatchObject({ code: 'TOO_MANY_ARTICLES' });
  });
});

describe('the Open Inference Protocol', () => {
  const text = (data: unknown[], shape = [data.length]) => ({ name: 'text', shape, datatype: 'BYTES', data });
  const infer = (app: ReturnType<typeof createApp>, payload: object, path = '/v2/models/compact/infer') =>
    app.inject({ method: 'POST', url: path, payload });

  test.each([
    ['/v2', { name: 'veracity', version: '2', extensions: ['binary_tensor_data', 'classification'] }],
    ['/v2/', { name: 'veracity' }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    [
      '/v2/models/compact',
      { name: 'compact', versions: ['1'], inputs: [{ name: 'title', shape: [-1] }, {}] },
    ],
    ['/v2/models/compact/versions/1', { name: 'compact' }],
    ['/v2/models/compact/ready', { name: 'compact', ready: true }],
    ['/v2/models/compact/versions/1/ready', { ready: true }],
  ])('answers GET %s', async (url, expected) => {
    const response = await start().inject(url);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject(expected);
  });

  test('predicts titles and texts together, and gives the requested outputs', async () => {
    const classifier = createRuleClassifier();
    const response = await infer(start({ classifier }), {
      id: '42',
      inputs: [text(['sold', 'sailed']), { ...text(['Moon!', 'Ferry']), name: 'title' }],
      outputs: [{ name: 'probabilities' }, { name: 'label' }],
    });
    expect(response.json()).toEqual({
      model_name: 'compact',
      model_version: '1',
      id: '42',
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [2], data: ['FAKE', 'REAL'] },
        {
          name: 'probabilities',
          datatype: 'FP32',
          shape: [2, 2],
          parameters: { class_names: '["FAKE","REAL"]' },
          data: [0.75, 0.25, 0.25, 0.75],
        },
      ],
    });
    expect(classifier.seen[0]).toEqual({ title: 'Moon!', text: 'sold' });
  });

  test('accepts a tensor of shape [N, 1], flat or nested', async () => {
    const app = start();
    for (const data of [
      ['a', 'b'],
      [['a'], ['b']],
    ]) {
      const { outputs } = (await infer(app, { inputs: [text(data, [2, 1])] })).json();
      expect(outputs[0].shape).toEqual([2]);
    }
  });

  test.each([
    ['another data type', { inputs: [{ ...text(['a']), datatype: 'FP32' }] }, 422, 'REQUEST_INVALID'],
    ['another input', { inputs: [{ ...text(['a']), name: 'body' }] }, 422, 'REQUEST_INVALID'],
    ['the same input twice', { inputs: [text(['a']), text(['a'])] }, 422, 'REQUEST_INVALID'],
    ['numbers', { inputs: [text([1])] }, 422, 'REQUEST_INVALID'],
    ['a shape of another size', { inputs: [text(['a'], [2])] }, 422, 'REQUEST_INVALID'],
    ['a shape of two columns', { inputs: [text(['a', 'b'], [1, 2])] }, 422, 'REQUEST_INVALID'],
    ['a huge shape', { inputs: [text(['a'], [2 ** 40, 2 ** 40])] }, 422, 'REQUEST_INVALID'],
    ['no inputs', { inputs: [] }, 422, 'REQUEST_INVALID'],
    ['an unknown output', { inputs: [text(['a'])], outputs: [{ name: 'x' }] }, 422, 'REQUEST_INVALID'],
    ['empty texts', { inputs: [text([' '])] }, 422, 'REQUEST_INVALID'],
    ['too many texts', { inputs: [text(Array.from({ length: 257 }, () => 'a'))] }, 422, 'TOO_MANY_ARTICLES'],
  ])('refuses %s in its own form', async (_, payload, status, code) => {
    const response = await infer(start(), payload);
    expect([response.statusCode, Object.keys(response.json())]).toEqual([status, ['error']]);
    expect(response.json().error).toMatch(new RegExp(`^${code}: `));
    expect(response.headers['content-type']).toMatch(/^application\/json/);
  });

  test.each([
    ['GET', '/v2/models/other', 404, 'OIP_MODEL_UNKNOWN'],
    ['GET', '/v2/models/compact/versions/2', 404, 'OIP_MODEL_UNKNOWN'],
    ['POST', '/v2/models/compact/versions/2/infer', 404, 'OIP_MODEL_UNKNOWN'],
    ['GET', '/v2/nowhere', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/v2/models/compact/infer', 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/v2/models/compact/infer', 400, 'REQUEST_NOT_JSON'],
  ] as const)('says %s %s is %i in its own form', async (method, url, status, code) => {
    const headers = { 'content-type': 'application/json' };
    const response = await start().inject({
      method,
      url,
      ...(method === 'POST' ? { headers, payload: status === 400 ? '{' : '{}' } : {}),
    });
    expect(response.statusCode).toBe(status);
    expect(response.json().error).toMatch(new RegExp(`^${code}: `));
  });

  test('names an unregistered model by its kind and its run', async () => {
    const classifier = { ...createRuleClassifier(), modelVersion: 'run-20260101-000000-abcd' };
    const answer = (await start({ classifier }).inject('/v2/models/compact')).json();
    expect(answer).toMatchObject({ name: 'compact', versions: ['run-20260101-000000-abcd'] });
  });

  test('is not ready while the server stops', async () => {
    const response = await start({ isReady: () => false }).inject('/v2/health/ready');
    expect([response.statusCode, response.json().error]).toEqual([
      503,
      expect.stringMatching(/^SERVER_STOPPING/),
    ]);
  });
});
