// Hostile requests from a seed, as bytes for a raw connection, so that no library corrects them.
import { gzipSync } from 'node:zlib';
import type { Random } from '../../src/foundation/core/random.ts';

export interface HostileRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The rest is never sent: the server has to end it. */
  readonly stalls: boolean;
  /** It is no HTTP: the server may close without a response. */
  readonly malformed: boolean;
}

/** Part of every request where possible; no response and no log line may contain it. */
export const MARKUP = '<script>zq9</script>';
/** Part of it that survives escaping and splitting: for logs. */
export const CANARY = 'zq9';

const PATHS = [
  '/v1/predict',
  '/v1/predict',
  '/news/',
  '/',
  '/v2/models/compact/infer',
  '/v2/models/compact/versions/1/infer',
  '/v1/batch',
  '/v1/batch?format=csv',
  '/model',
  '/v1/model',
  '/v2',
  '/openapi.json',
  '/docs',
  '/healthz',
  '/metrics',
];
const JSON_PATHS = PATHS.slice(0, 6);
const FIELDS = [
  'title',
  'text',
  'articles',
  'inputs',
  'parameters',
  'outputs',
  'id',
  'data',
  'shape',
  '__proto__',
  MARKUP,
];
const VALID: Readonly<Record<string, unknown>> = {
  '/v1/predict': { articles: [{ id: MARKUP, title: MARKUP, text: 'It was sold.' }] },
  '/news/': { title: 'Moon!', text: MARKUP },
  '/': { inputs: [MARKUP, 'b'], parameters: { top_k: 1 } },
  '/v2/models/compact/infer': {
    id: MARKUP,
    inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: [MARKUP] }],
  },
};

type Make = (random: Random) => Partial<HostileRequest> & { readonly bytes: Buffer };

const KINDS: Readonly<Record<string, Make>> = {
  deepJson: (random) => {
    const depth = 10 ** (1 + random.integer(5)); // up to 100,000
    const [open, close] = pick(random, [
      ['[', ']'],
      ['{"title":', '}'],
      ['{"inputs":[', ']}'],
    ]);
    const deep = open.repeat(depth) + (chance(random, 0.5) ? `1${close.repeat(depth)}` : '');
    const field = pick(random, ['title', 'articles', 'inputs', 'parameters', 'data']);
    return { bytes: json(random, chance(random, 0.5) ? deep : `{"${field}":${deep},"text":"a"}`) };
  },
  wrongTypes: (random) => ({ bytes: json(random, JSON.stringify(anyValue(random, 4))) }),
  hugeNumbers: (random) => {
    const number = pick(random, [
      '1e999',
      '-1e999',
      '9'.repeat(1 + random.integer(20_000)),
      '1e-400',
      '-0',
      '0.1e1000000',
    ]);
    const body = pick(random, [
      `{"title":${number},"text":"a"}`,
      `{"inputs":"a","parameters":{"top_k":${number}}}`,
      `{"inputs":[{"name":"text","shape":[${number},${number}],"datatype":"BYTES","data":["a"]}]}`,
      number,
    ]);
    return { bytes: json(random, body) };
  },
  invalidUtf8: (random) => {
    const body = Buffer.from(JSON.stringify({ title: `Moon ${MARKUP}`, text: 'aaaaaaaaaaaa' }));
    for (let i = 0; i < 1 + random.integer(5); i++)
      body[random.integer(body.length)] = pick(random, [0x80, 0xc0, 0xfe, 0xff, 0xed]);
    return {
      bytes: request(random, 'POST', pick(random, JSON_PATHS), { 'content-type': 'application/json' }, body),
    };
  },
  oddText: (random) => {
    const odd = pick(random, [
      '"\\ud800"',
      '"\\u0000\\u0001"',
      `"${'e\u0301'.repeat(random.integer(20_000))}"`,
      `"${'\u202e\u200b\ufeff'.repeat(random.integer(3000))}"`,
      `"${'\u{1f600}'.repeat(random.integer(5000))}"`,
      `"${'a'.repeat(random.integer(200_000))}"`,
      '"\\u2028"',
    ]);
    return { bytes: json(random, `{"title":${odd},"text":${odd}}`, pick(random, ['/v1/predict', '/news/'])) };
  },
  bomb: (random) => {
    const size = 10 ** (3 + random.integer(5)); // up to 10 MB out of 10 kB
    let body: Buffer = gzipSync(chance(random, 0.5) ? Buffer.alloc(size) : `{"title":"${'a'.repeat(size)}"}`);
    if (chance(random, 0.2)) body = gzipSync(body);
    if (chance(random, 0.2)) body = body.subarray(0, random.integer(body.length));
    const encoding = pick(random, ['gzip', 'gzip', 'gzip', 'x-gzip', 'gzip, gzip', 'br', 'deflate', MARKUP]);
    const type = pick(random, ['application/json', 'text/csv', 'multipart/form-data; boundary=xx']);
    const path = type === 'application/json' ? pick(random, JSON_PATHS) : '/v1/batch';
    return {
      bytes: request(random, 'POST', path, { 'content-type': type, 'content-encoding': encoding }, body),
    };
  },
  markup: (random) => {
    const encoded = encodeURIComponent(MARKUP);
    const path = pick(random, [
      `/${MARKUP.replaceAll(' ', '')}`,
      `/${encoded}`,
      `/v2/models/${encoded}`,
      `/v2/models/${encoded}/infer`,
      `/v1/predict?q=${MARKUP}`,
      `/docs/${encoded}`,
      `/docs/static/${encoded}`,
      `/v1/batch?format=${encoded}`,
      '/v1/predict',
    ]);
    const headers: Record<string, string> = {};
    for (const name of [
      'x-request-id',
      'origin',
      'authorization',
      'referer',
      'accept',
      'user-agent',
      'x-forwarded-for',
      'if-none-match',
      'range',
    ])
      if (chance(random, 0.3)) headers[name] = MARKUP;
    headers['content-type'] = pick(random, [
      'application/json',
      `text/${MARKUP}`,
      `multipart/form-data; boundary=${MARKUP}`,
    ]);
    const method = pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']);
    return { bytes: request(random, method, path, headers, Buffer.from(`{"${MARKUP}":"${MARKUP}"}`)) };
  },
  paths: (random) => {
    const path = pick(random, [
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/package.json',
      '/docs/static/..%2f..%2f..%2fpackage.json',
      '/assets/%00',
      '//evil.example/',
      '/%E0%A4%A',
      `/${'a/'.repeat(random.integer(2000))}`,
      `/${'%41'.repeat(random.integer(2000))}`,
      '/v2/models/compact/versions/',
      '/v1/predict/../metrics',
      '*',
      'http://other.example/v1/model',
      '/.built',
      '/?__proto__[a]=1',
      '/v1/batch?format[]=csv&format=jsonl',
    ]);
    return {
      bytes: request(random, pick(random, ['GET', 'POST', 'HEAD', 'OPTIONS']), path, {}, Buffer.alloc(0)),
    };
  },
  malformed: (random) => {
    const lines = pick(random, [
      'NOT HTTP',
      `GET / HTTP/9.9\r\nhost: a\r\n\r\n`,
      `G${MARKUP} / HTTP/1.1\r\nhost: a\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nhost: a\r\nx-long: ${MARKUP}${'y'.repeat(random.integer(40_000))}\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(random.integer(4000))}\r\n`,
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n',
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n',
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}',
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n{}\r\n',
      'POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n6\r\ntitle\n\r\nZZ\r\n',
      `GET /healthz HTTP/1.1\r\nhost: a\r\nbad${String.fromCharCode(0)}name: x\r\n\r\n`,
      'GET /healthz HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
      'POST /v1/predict HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
      'CONNECT evil.example:80 HTTP/1.1\r\nhost: evil.example\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ]);
    return { bytes: Buffer.from(lines, 'latin1'), malformed: true, stalls: true };
  },
  slow: (random) => {
    const whole = json(
      random,
      JSON.stringify({ title: 'a', text: MARKUP }),
      pick(random, [...JSON_PATHS, '/v1/batch']),
    );
    return {
      bytes: whole.subarray(0, 20 + random.integer(whole.length - 20)),
      stalls: true,
      malformed: true,
    };
  },
  mutated: (random) => {
    const path = pick(random, Object.keys(VALID));
    const body = [...Buffer.from(JSON.stringify(VALID[path]))];
    for (let i = 0; i < 1 + random.integer(4); i++) {
      const at = random.integer(body.length);
      if (chance(random, 0.4)) body[at] = random.integer(256);
      else if (chance(random, 0.5)) body.splice(at, 1 + random.integer(5));
      else body.splice(at, 0, ...body.slice(at, at + random.integer(30)));
    }
    return {
      bytes: request(random, 'POST', path, { 'content-type': 'application/json' }, Buffer.from(body)),
    };
  },
  uploads: (random) => {
    const cells = Array.from({ length: 1 + random.integer(60) }, () =>
      pick(random, [
        'title',
        'text',
        'id',
        ',',
        ',',
        '\n',
        '\n',
        '\r',
        '"',
        '""',
        MARKUP,
        'a;b',
        '\t',
        '\0',
        '{"title":',
        '}',
        'é',
      ]),
    ).join('');
    const csv = `${pick(random, ['title,text\n', 'id,title\n', '\ufefftitle\n', '', '"title', `${MARKUP},text\n`])}${cells}`;
    const [type, body] = pick(random, [
      ['text/csv', csv],
      ['application/x-ndjson', `{"title":"${MARKUP}","id":"${MARKUP}"}\n${cells}`],
      [
        'multipart/form-data; boundary=xx',
        `--xx\r\ncontent-disposition: form-data; name="${MARKUP}"; filename="${MARKUP}.csv"\r\n\r\n${csv}\r\n--xx--`,
      ],
      ['multipart/form-data; boundary=xx', `--xx\r\n${cells}\r\n\r\n${cells}--xx--`],
      ['multipart/form-data', csv],
      [`multipart/form-data; boundary=${'y'.repeat(random.integer(300))}`, csv],
    ]);
    return { bytes: request(random, 'POST', '/v1/batch', { 'content-type': type }, Buffer.from(body)) };
  },
};

/** How many of a hundred are of each kind; slow ones wait for the server's timeouts. */
const WEIGHTS: Readonly<Record<string, number>> = {
  deepJson: 10,
  wrongTypes: 15,
  hugeNumbers: 8,
  invalidUtf8: 8,
  oddText: 7,
  bomb: 7,
  markup: 13,
  paths: 7,
  malformed: 3,
  slow: 1,
  mutated: 13,
  uploads: 8,
};
const BAG = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind));

export function createHostileRequest(random: Random): HostileRequest {
  const kind = pick(random, BAG);
  return { kind, stalls: false, malformed: false, ...KINDS[kind]!(random) };
}

function anyValue(random: Random, depth: number): unknown {
  const scalars = [null, true, 0, -1, 1.5, '', MARKUP, 'text', [], {}, '\ud800', 2 ** 60];
  if (depth === 0 || chance(random, 0.3)) return pick(random, scalars);
  if (chance(random, 0.4))
    return Array.from({ length: random.integer(5) }, () => anyValue(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length: random.integer(5) }, () => [pick(random, FIELDS), anyValue(random, depth - 1)]),
  );
}

function json(random: Random, body: string, path = pick(random, JSON_PATHS)): Buffer {
  const type = pick(random, [
    'application/json',
    'application/json; charset=utf-8',
    'application/x-www-form-urlencoded',
  ]);
  return request(random, 'POST', path, { 'content-type': type }, Buffer.from(body));
}

function request(
  random: Random,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: a', 'connection: close'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body.length === 0) return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  if (chance(random, 0.2)) {
    const head = Buffer.from(
      `${lines.join('\r\n')}\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`,
    );
    return Buffer.concat([head, body, Buffer.from('\r\n0\r\n\r\n')]);
  }
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)]!;
}

function chance(random: Random, share: number): boolean {
  return random.next() < share;
}
