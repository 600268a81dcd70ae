// The Open Inference Protocol as Python's clients speak it: the bytes that tritonclient and kserve sent are sent again, and
// the responses have the bytes that they could read. Recorded by reference/inference_clients.py.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import { formatJson } from '../../src/serving/http/json-format.ts';
import { encodeInferResponse } from '../../src/serving/routes/inference-binary.ts';
import type { OutputTensor } from '../../src/serving/routes/inference-tensors.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const JSON_LENGTH = 'inference-header-content-length';
interface Exchange {
  readonly client: string;
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly answer: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly read: Readonly<Record<string, OutputTensor['data']>>;
}
const recorded = JSON.parse(
  readFileSync(new URL('./reference/inference-clients.json', import.meta.url), 'utf8'),
) as Exchange[];

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
function start(options: Parameters<typeof createRuleClassifier>[0] = {}) {
  const classifier = createRuleClassifier(options);
  const app = createApp({ classifier });
  apps.push(app);
  return { app, classifier };
}

type Response = Awaited<ReturnType<ReturnType<typeof createApp>['inject']>>;
type ReadTensor = Omit<OutputTensor, 'parameters'> & {
  readonly parameters?: { readonly binary_data_size?: number };
};

/** JSON and tensors of a body; written after the protocol's text, without the code under test. */
function readTensors(bytes: Buffer, jsonLength: string | undefined) {
  const jsonBytes = jsonLength === undefined ? bytes.length : Number(jsonLength);
  const json = JSON.parse(bytes.toString('utf8', 0, jsonBytes)) as { id?: string; outputs: ReadTensor[] };
  let at = jsonBytes;
  const values = json.outputs.map(({ name, datatype, data, parameters }) => {
    const size = parameters?.binary_data_size;
    if (size === undefined) return [name, data] as const;
    const part = bytes.subarray(at, at + size);
    at += size;
    const read: OutputTensor['data'] = [];
    for (let from = 0; from < part.length; ) {
      if (datatype === 'BYTES') {
        const length = part.readUInt32LE(from);
        read.push(part.toString('utf8', from + 4, from + 4 + length));
        from += 4 + length;
      } else if (datatype === 'FP32') {
        read.push(part.readFloatLE(from));
        from += 4;
      } else {
        read.push(part[from] === 1);
        from += 1;
      }
    }
    return [name, read] as const;
  });
  expect(at).toBe(bytes.length);
  return { json, values: Object.fromEntries(values) };
}
const readResponse = (response: Response) => {
  expect([response.statusCode, response.statusCode === 200 ? '' : response.body]).toEqual([200, '']);
  const length = response.headers[JSON_LENGTH];
  return readTensors(response.rawPayload, length === undefined ? undefined : String(length));
};

describe('what a Python client sent', () => {
  test.each(recorded.map((exchange) => [`${exchange.client}: ${exchange.name}`, exchange] as const))(
    'is predicted, and gives the same kind of response: %s',
    async (_, { path, headers, body, answer, read }) => {
      const { app, classifier } = start();
      const payload = Buffer.from(body, 'base64');
      const response = await app.inject({ method: 'POST', url: path, headers, payload });
      const { values } = readResponse(response);
      expect(Object.keys(values)).toEqual(Object.keys(read));
      expect(classifier.seen[0]?.text).toBe('The ferry sailed again on Tuesday, the harbour office said.');
      expect(['', 'Fähre fährt wieder, 渡し船']).toContain(classifier.seen[0]?.title);
      for (const [name, data] of Object.entries(read)) expect(values[name], name).toHaveLength(data.length);
      expect(String(response.headers['content-type']).split(';')[0]).toBe(
        answer.headers['content-type']?.split(';')[0],
      );
      expect(response.headers[JSON_LENGTH] === undefined).toBe(answer.headers[JSON_LENGTH] === undefined);
    },
  );

  test.each(recorded.map((exchange) => [`${exchange.client}: ${exchange.name}`, exchange] as const))(
    'was answered with bytes that this version still writes: %s',
    (_, { answer, read }) => {
      const bytes = Buffer.from(answer.body, 'base64');
      const { json } = readTensors(bytes, answer.headers[JSON_LENGTH]);
      const binary = new Set<string>();
      const outputs = json.outputs.map(({ parameters, ...tensor }) => {
        const { binary_data_size, ...others } = parameters ?? {};
        if (binary_data_size !== undefined) binary.add(tensor.name);
        const kept =
          parameters === undefined || Object.keys(others).length === 0 ? {} : { parameters: others };
        const { name, datatype, shape } = tensor;
        return { name, datatype, shape, ...kept, data: tensor.data ?? read[tensor.name]! };
      });
      const made = encodeInferResponse({ ...json, outputs }, binary, formatJson);
      expect(made.body.toString('latin1')).toBe(bytes.toString('latin1'));
    },
  );
});

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const binaryInput = (name: string, size: unknown, shape = [1], more = {}) => ({
  name,
  shape,
  datatype: 'BYTES',
  parameters: { binary_data_size: size },
  ...more,
});

function infer(
  app: ReturnType<typeof createApp>,
  body: object,
  tensors: Buffer = Buffer.alloc(0),
  headers = {},
) {
  const json = Buffer.from(JSON.stringify(body));
  return app.inject({
    method: 'POST',
    url: '/v2/models/compact/infer',
    headers: { 'content-type': 'application/octet-stream', [JSON_LENGTH]: String(json.length), ...headers },
    payload: Buffer.concat([json, tensors]),
  });
}

describe('binary tensors', () => {
  test('give the right values, of each data type', async () => {
    const { app, classifier } = start();
    const bytes = Buffer.concat([text('sold'), text('unsure ü'), text('Moon!'), text('')]);
    const response = await infer(
      app,
      {
        id: 'r 1',
        inputs: [binaryInput('text', 21, [2]), binaryInput('title', 13, [2, 1])],
        parameters: { binary_data_output: true },
        outputs: [
          { name: 'label' },
          { name: 'probability' },
          { name: 'probabilities', parameters: { binary_data: null } },
          { name: 'abstained' },
        ],
      },
      bytes,
    );
    expect(classifier.seen).toEqual([
      { title: 'Moon!', text: 'sold' },
      { title: '', text: 'unsure ü' },
    ]);
    const { json, values } = readResponse(response);
    expect(json.id).toBe('r 1');
    expect(values).toEqual({
      label: ['FAKE', 'REAL'],
      probability: [0.75, 0.75],
      probabilities: [0.75, 0.25, 0.25, 0.75],
      abstained: [false, true],
    });
  });

  test('keep a byte order mark, a line break and a zero inside a string', async () => {
    const { app, classifier } = start();
    const value = '\ufeffa\r\n\0b';
    await infer(app, { inputs: [binaryInput('text', text(value).length)] }, text(value));
    expect(classifier.seen[0]?.text).toBe(value);
  });

  test('of an output are left out by its own binary_data=false', async () => {
    const { app } = start();
    const outputs = [{ name: 'label', parameters: { binary_data: false } }, { name: 'abstained' }];
    const response = await infer(
      app,
      { inputs: [binaryInput('text', 5)], outputs, parameters: { binary_data_output: true } },
      text('a'),
    );
    const { json } = readResponse(response);
    expect(json.outputs.map(({ data }) => data)).toEqual([['REAL'], undefined]);
  });

  const one = { inputs: [binaryInput('text', 5)] };
  test.each([
    ['too few bytes', one, text('a').subarray(0, 4), {}, /inputs\.0: expected 5 bytes after the JSON, got 4/],
    ['bytes left over', one, Buffer.concat([text('a'), text('b')]), {}, /only the bytes .* got 5 more/],
    [
      'a string longer than its tensor',
      one,
      Buffer.from([9, 0, 0, 0, 97]),
      {},
      /expected 9 bytes, as its length says, got 1/,
    ],
    [
      'half a length',
      { inputs: [binaryInput('text', 3)] },
      Buffer.from([1, 0, 0]),
      {},
      /a length of 4 bytes, got 3 bytes/,
    ],
    ['a string that is not UTF-8', one, Buffer.from([1, 0, 0, 0, 255]), {}, /string 0: expected UTF-8/],
    [
      'fewer strings than the shape says',
      { inputs: [binaryInput('text', 5, [2])] },
      text('a'),
      {},
      /expected 2 strings, as the shape says, got 1/,
    ],
    [
      'more strings than the shape says',
      { inputs: [binaryInput('text', 10)] },
      Buffer.concat([text('a'), text('b')]),
      {},
      /expected 1 strings, as the shape says, got 2/,
    ],
    [
      'a negative size',
      { inputs: [binaryInput('text', -1)] },
      text('a'),
      {},
      /binary_data_size: expected a number of bytes/,
    ],
    [
      'a size that is no number',
      { inputs: [binaryInput('text', '5')] },
      text('a'),
      {},
      /binary_data_size: expected a number of bytes/,
    ],
    [
      'data and a size',
      { inputs: [binaryInput('text', 5, [1], { data: ['a'] })] },
      text('a'),
      {},
      /expected data or binary_data_size, got both/,
    ],
    [
      'shared memory',
      {
        inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', parameters: { shared_memory_region: 'r' } }],
      },
      text('a'),
      {},
      /got shared memory/,
    ],
    [
      'bytes behind JSON that has no binary tensor',
      { inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: ['a'] }] },
      text('a'),
      {},
      /got 5 more/,
    ],
    [
      'a JSON length beyond the body',
      one,
      text('a'),
      { [JSON_LENGTH]: '99999' },
      /inference-header-content-length: expected the bytes of the JSON/,
    ],
    [
      'a JSON length of zero',
      one,
      text('a'),
      { [JSON_LENGTH]: '0' },
      /inference-header-content-length: expected/,
    ],
    [
      'a JSON length that is no number',
      one,
      text('a'),
      { [JSON_LENGTH]: '-5' },
      /inference-header-content-length: .* got something else/,
    ],
  ] as const)('with %s are refused with 400', async (_, body, tensors, headers, message) => {
    const response = await infer(start().app, body, tensors, headers);
    expect(response.statusCode).toBe(400);
    expect(response.json().error.split(': ', 1)).toEqual(['OIP_BINARY_INVALID']);
    expect(response.json().error).toMatch(message);
  });

  test('without the header that says where they begin are refused', async () => {
    const response = await start().app.inject({
      method: 'POST',
      url: '/v2/models/compact/infer',
      payload: one,
    });
    expect([response.statusCode, response.json().error]).toEqual([
      400,
      expect.stringMatching(
        /expected the header inference-header-content-length with a binary tensor, got none/,
      ),
    ]);
  });

  test('of too many strings are refused before the rest is read', async () => {
    const bytes = Buffer.concat(Array.from({ length: 257 }, () => text('a')));
    const response = await infer(start().app, { inputs: [binaryInput('text', bytes.length, [257])] }, bytes);
    expect([response.statusCode, response.json().error]).toEqual([422, expect.stringMatching(/^TOO_MANY/)]);
  });

  test('of another data type are refused by name', async () => {
    const response = await infer(
      start().app,
      { inputs: [{ ...binaryInput('text', 4), datatype: 'FP32' }] },
      Buffer.alloc(4),
    );
    expect([response.statusCode, response.json().error]).toEqual([
      422,
      expect.stringContaining('inputs.0.datatype'),
    ]);
  });
});

describe('a classification', () => {
  const ask = async (count: number, name = 'probabilities') =>
    start().app.inject({
      method: 'POST',
      url: '/v2/models/compact/infer',
      payload: {
        inputs: [{ name: 'title', shape: [2], datatype: 'BYTES', data: ['Moon!', 'Ferry'] }],
        outputs: [{ name, parameters: { classification: count } }],
      },
    });

  test.each([
    [1, ['0.750000:0:FAKE', '0.750000:1:REAL']],
    [2, ['0.750000:0:FAKE', '0.250000:1:REAL', '0.750000:1:REAL', '0.250000:0:FAKE']],
    [9, ['0.750000:0:FAKE', '0.250000:1:REAL', '0.750000:1:REAL', '0.250000:0:FAKE']],
  ])('of %i names that many classes, the likeliest first', async (count, data) => {
    const { outputs } = (await ask(count)).json();
    expect(outputs).toMatchObject([{ datatype: 'BYTES', shape: [2, Math.min(count, 2)], data }]);
  });

  test('of 0 is none, and of another output than probabilities is refused', async () => {
    expect((await ask(0)).json().outputs[0]).toMatchObject({ datatype: 'FP32' });
    const refused = await ask(1, 'label');
    expect([refused.statusCode, refused.json().error]).toEqual([
      422,
      expect.stringContaining('classification is for the output probabilities'),
    ]);
  });
});

describe('JSON for inference', () => {
  const body = { inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: ['The ferry sailed.'] }] };
  test.each([
    ['no content-type', undefined],
    ['an empty content-type', ''],
    ['application/json', 'application/json'],
    ['application/octet-stream', 'application/octet-stream'],
    ["curl's own content-type", 'application/x-www-form-urlencoded'],
  ])('may come with %s', async (_, type) => {
    const { app } = start();
    const response = await app.inject({
      method: 'POST',
      url: '/v2/models/compact/versions/1/infer',
      headers: type === undefined ? {} : { 'content-type': type },
      payload: JSON.stringify(body),
    });
    expect([response.statusCode, response.json().outputs?.length]).toEqual([200, 5]);
  });

  test.each([
    [
      'everything optional',
      { id: null, parameters: null, outputs: null, inputs: [{ ...body.inputs[0], parameters: null }] },
    ],
    ['the parameters of an output', { ...body, outputs: [{ name: 'label', parameters: null }] }],
    [
      'single parameters',
      {
        ...body,
        outputs: [
          {
            name: 'label',
            parameters: { binary_data: null, classification: null, shared_memory_region: null },
          },
        ],
      },
    ],
    [
      'the size of binary data',
      { inputs: [{ ...body.inputs[0], parameters: { binary_data_size: null, shared_memory_region: null } }] },
    ],
  ])('may have null for %s', async (_, payload) => {
    const response = await start().app.inject({ method: 'POST', url: '/v2/models/compact/infer', payload });
    expect([response.statusCode, response.json().id]).toEqual([200, undefined]);
  });

  test('names classes so that commas, quotes and other letters in them can be told apart', async () => {
    const classNames = ['Wetter, Verkehr', 'say "no"'];
    const { app } = start({ info: { classNames } });
    const { outputs } = (
      await app.inject({ method: 'POST', url: '/v2/models/compact/infer', payload: body })
    ).json();
    expect(JSON.parse(outputs[2].parameters.class_names)).toEqual(classNames);
    expect(outputs[0].data).toEqual(['say "no"']);
  });

  test('gets errors of the bare media type, from which KServe reads the message', async () => {
    const response = await start().app.inject({ method: 'POST', url: '/v2/models/x/infer', payload: body });
    expect([response.statusCode, response.headers['content-type']]).toEqual([404, 'application/json']);
  });
});
