// POST /v1/batch: files of every kind, row by row, with bounded memory, until the client disconnects.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import type { UploadLine } from '../../src/serving/routes/predict-upload.ts';
import { zip } from '../fixtures/zip-archive.ts';
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

type App = ReturnType<typeof createApp>;
async function send(
  app: App,
  payload: string | Buffer,
  type = 'text/csv',
  query = '',
): Promise<UploadLine[]> {
  const headers = { 'content-type': type };
  const response = await app.inject({ method: 'POST', url: `/v1/batch${query}`, headers, payload });
  expect([response.statusCode, response.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
  return parseLines(response.body);
}
function parseLines(text: string): UploadLine[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as UploadLine);
}
const labels = (lines: readonly UploadLine[]) =>
  lines.flatMap((line) =>
    line.type === 'verdict' ? [line.label] : line.type === 'rejected' ? [line.error.code] : [],
  );
const form = (name: string, content: string, more = '') =>
  `--xx\r\ncontent-disposition: form-data; name="note"\r\n\r\nhello\r\n--xx\r\ncontent-disposition: form-data; name="file"${name === '' ? '' : `; filename="${name}"`}\r\n${more}\r\n${content}\r\n--xx--\r\n`;

describe('POST /v1/batch', () => {
  test('gives a prediction for each row in order, then progress, and ends with the counts', async () => {
    const lines = await send(
      start(),
      'id,title,text\na,Moon!,sold\nb,Ferry,"sailed, ""again""\nand again"\nc,,\n',
    );
    expect(lines.map(({ type }) => type)).toEqual(['verdict', 'verdict', 'rejected', 'progress', 'done']);
    expect(lines[0]).toMatchObject({
      line: 2,
      id: 'a',
      label: 'FAKE',
      probability: 0.75,
      modelVersion: 'compact@1',
    });
    expect(lines[2]).toMatchObject({ line: 5, id: 'c', error: { code: 'ARTICLE_ROW_INVALID' } });
    expect(lines[4]).toMatchObject({ rows: 3, judged: 2, rejected: 1, modelVersion: 'compact@1' });
  });

  test.each([
    ['semicolons', 'title;text\nMoon!;a,b\n', 'text/csv; charset=utf-8', ''],
    ['JSON Lines', '{"title":"Moon!"}\n', 'application/x-ndjson', ''],
    ['JSON Lines by query', '{"title":"Moon!"}\n', 'application/octet-stream', '?format=jsonl'],
    ['a form with a .csv file', form('a.csv', 'title\r\nMoon!\r\n'), 'multipart/form-data; boundary=xx', ''],
    [
      'a form with a .json file that holds a list',
      form('a.json', '[\n{"title":"Moon!"}\n]'),
      'multipart/form-data; boundary=xx',
      '',
    ],
    [
      'a form with a .jsonl file',
      form('a.JSONL', '{"title":"Moon!"}'),
      'multipart/form-data; boundary=xx',
      '',
    ],
    [
      'a form with a typed file',
      form('upload', 'title\r\nMoon!\r\n', 'content-type: text/csv\r\n'),
      'multipart/form-data; boundary="xx"',
      '',
    ],
  ])('takes %s', async (_, payload, type, query) => {
    expect(labels(await send(start(), payload, type, query))).toEqual(['FAKE']);
  });

  test('accepts a gzipped file, and a gzipped form', async () => {
    const app = start();
    for (const [body, type] of [
      ['title\nMoon!\n', 'text/csv'],
      [form('a.csv', 'title\r\nMoon!\r\n'), 'multipart/form-data; boundary=xx'],
    ] as const) {
      const headers = { 'content-type': type, 'content-encoding': 'gzip' };
      const response = await app.inject({
        method: 'POST',
        url: '/v1/batch',
        headers,
        payload: gzipSync(body),
      });
      expect(labels(parseLines(response.body))).toEqual(['FAKE']);
    }
  });

  test('refuses truncated gzip, as a file and as a form', async () => {
    const app = start();
    for (const type of ['text/csv', 'multipart/form-data; boundary=xx', 'application/pdf']) {
      for (const bytes of [1, 12, 40]) {
        const payload = gzipSync(form('a.csv', 'title\r\nMoon!\r\n')).subarray(0, bytes);
        const headers = { 'content-type': type, 'content-encoding': 'gzip' };
        const response = await app.inject({ method: 'POST', url: '/v1/batch', headers, payload });
        const expected = type === 'application/pdf' ? 'UPLOAD_TYPE_UNSUPPORTED' : 'GZIP_INVALID';
        expect([type, bytes, response.json().code]).toEqual([type, bytes, expected]);
      }
    }
  });

  test('reports bad rows without quoting them, and continues', async () => {
    const rows = [
      'title,text',
      'a,b,kanarienvogel',
      '"kanarienvogel"x,b',
      'Moon!,sold',
      `kanarienvogel${'y'.repeat(3000)},b`,
      'z,z',
    ];
    const app = start({ limits: { maxBodyBytes: 1000 } });
    const headers = { 'content-type': 'text/csv' };
    const response = await app.inject({
      method: 'POST',
      url: '/v1/batch',
      headers,
      payload: `${rows.join('\n')}\n`,
    });
    const bad = 'ARTICLE_ROW_INVALID';
    expect(labels(parseLines(response.body))).toEqual([bad, bad, 'FAKE', bad, 'REAL']);
    expect(response.body).not.toContain('kanarienvogel');
    const json = await send(
      app,
      '{"title":"a"\n[1]\n{"title":["kanarienvogel"]}\n{"title":"Moon!"}\n\xff\n',
      'application/jsonl',
    );
    expect(labels(json)).toEqual([bad, bad, bad, 'FAKE', bad]);
    expect(JSON.stringify(json)).not.toContain('kanarienvogel');
  });

  const packed = (): Record<string, Buffer> => ({
    'application/gzip': gzipSync('title,text\nMoon!,sold\nFerry,sailed\n'),
    'application/zip': zip([
      { name: 'one.csv', bytes: 'title,text\nMoon!,sold\n' },
      { name: 'two.jsonl', bytes: '{"title":"Ferry","text":"sailed"}\n' },
    ]),
    'application/vnd.apache.parquet': readFileSync(
      new URL('../data/reference/parquet/zstd.parquet', import.meta.url),
    ),
  });
  test.each(Object.keys(packed()))('reads %s as the body and in a form', async (type) => {
    const bytes = packed()[type]!;
    const app = start();
    const lines = await send(app, bytes, type);
    const expected = type.endsWith('parquet') ? 40 : 2;
    expect(lines.at(-1)).toMatchObject({ type: 'done', rows: expected, rejected: 0, fileNotes: [] });
    if (type.endsWith('zip') && !type.endsWith('gzip'))
      expect(lines.slice(0, 2)).toMatchObject([
        { file: 'one.csv', line: 2, label: 'FAKE' },
        { file: 'two.jsonl', line: 1, label: 'REAL' },
      ]);
    const ending = { gzip: 'csv.gz', zip: 'zip', parquet: 'parquet' }[/(gzip|zip|parquet)$/.exec(type)![1]!];
    const head = `--xx\r\ncontent-disposition: form-data; name="file"; filename="a.${ending}"\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--xx--\r\n')]);
    expect((await send(app, body, 'multipart/form-data; boundary=xx')).at(-1)).toMatchObject({
      rows: expected,
    });
  });

  test.each([
    ['application/gzip', gzipSync(`title\n${'word '.repeat(400)}\n`)],
    ['application/zip', zip([{ name: 'a.csv', bytes: `title\n${'word '.repeat(400)}\n` }])],
    [
      'application/zip',
      zip(
        ['a', 'b', 'c'].map((name) => ({
          name: `${name}.csv.gz`,
          bytes: gzipSync(`title\n${'word '.repeat(90)}\n`),
          method: 0,
        })),
      ),
    ],
    ['application/gzip', gzipSync(gzipSync(`title\n${'word '.repeat(400)}\n`))],
  ])('refuses what unpacks to more than an upload may have: %s', async (type, payload) => {
    const app = start({ limits: { maxUploadBytes: 1000 } });
    const headers = { 'content-type': type };
    const response = await app.inject({ method: 'POST', url: '/v1/batch', headers, payload });
    expect(response.json()).toMatchObject({
      code: 'DATA_FILE_INVALID',
      detail: expect.stringContaining('at most 1000 bytes when unpacked'),
    });
  });

  test.each([
    ['an empty file', '', 'text/csv', 400, 'DATA_FILE_INVALID'],
    ['no body at all', undefined, '', 422, 'UPLOAD_EMPTY'],
    ['another kind', '{}', 'application/json', 415, 'UPLOAD_TYPE_UNSUPPORTED'],
    ['no kind at all', 'title\na\n', '', 415, 'UPLOAD_TYPE_UNSUPPORTED'],
    ['other columns', 'kopf,rumpf\na,b\n', 'text/csv', 400, 'ARTICLE_COLUMNS_MISSING'],
    ['other columns and no rows', 'kopf,rumpf\n', 'text/csv', 400, 'ARTICLE_COLUMNS_MISSING'],
    ['a header line and no rows', 'title,text\n', 'text/csv', 422, 'NOTHING_PREDICTED'],
    ['a file of empty lines', '\n\n', 'application/jsonl', 422, 'NOTHING_PREDICTED'],
    ['a zip archive', 'PK\x03\x04', 'text/csv', 400, 'DATA_FILE_INVALID'],
    ['a form without a file', form('', 'hello'), 'multipart/form-data; boundary=xx', 422, 'UPLOAD_EMPTY'],
    [
      'a form with a picture',
      form('a.png', 'hello'),
      'multipart/form-data; boundary=xx',
      415,
      'UPLOAD_TYPE_UNSUPPORTED',
    ],
    [
      'a form that never begins',
      'y'.repeat(500_000),
      'multipart/form-data; boundary=xx',
      400,
      'REQUEST_REFUSED',
    ],
    ['a form without a boundary', form('a.csv', 'title'), 'multipart/form-data', 400, 'REQUEST_REFUSED'],
    [
      'a form that breaks off',
      form('a.csv', 'title').slice(0, 90),
      'multipart/form-data; boundary=xx',
      400,
      'REQUEST_REFUSED',
    ],
  ])('refuses %s', async (_, payload, type, status, code) => {
    const headers = type === '' ? {} : { 'content-type': type };
    const body = payload === undefined ? {} : { payload };
    const response = await start().inject({ method: 'POST', url: '/v1/batch', headers, ...body });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect(response.body).not.toContain('kopf');
  });

  test("reads the columns of the model's training file, and repeats all others in row", async () => {
    const columns = {
      title: 'Betreff',
      text: 'Nachricht',
      label: 'label',
      source: null,
      date: null,
      id: null,
    };
    const classifier = createRuleClassifier({ info: { columns } });
    const lines = await send(
      start({ classifier }),
      'Betreff;Nachricht;label;line\nMond!;verkauft;Lob;x\n;;Frage;y\n',
    );
    expect(classifier.seen).toEqual([{ title: 'Mond!', text: 'verkauft' }]);
    expect(lines).toMatchObject([
      { type: 'verdict', line: 2, label: 'FAKE', row: { label: 'Lob', line: 'x' } },
      { type: 'rejected', line: 3, row: { label: 'Frage', line: 'y' } },
      { type: 'progress' },
      { type: 'done', columns: { title: 'Betreff', text: 'Nachricht', id: null }, columnNotes: [] },
    ]);
  });

  test('reads the columns that the query names, and counts lines from the given one', async () => {
    const columns = encodeURIComponent('title="Titel, kurz",text=Inhalt,id=');
    const query = `?columns=${columns}&line_offset=40`;
    const classifier = createRuleClassifier();
    const lines = await send(
      start({ classifier }),
      '"Titel, kurz",Inhalt,id,text\nMond!,verkauft,7,x\n,,8,\n',
      'text/csv',
      query,
    );
    expect(classifier.seen).toEqual([{ title: 'Mond!', text: 'verkauft' }]);
    expect(lines).toMatchObject([
      { line: 42, row: { id: '7', text: 'x' } },
      { line: 43, error: { message: expect.stringMatching(/^upload:43: /) } },
      {},
      { columns: { id: null } },
    ]);
    expect(lines[0]).not.toHaveProperty('id');
  });

  test('accepts names in another case, and says so in the last line', async () => {
    const lines = await send(start(), 'Title,Text\nMoon!,sold\n');
    expect(lines.at(-1)).toMatchObject({
      type: 'done',
      columns: { title: 'Title', text: 'Text' },
      columnNotes: [
        { code: 'COLUMN_OTHER_CASE', role: 'title', column: 'Title', expected: 'title' },
        { message: 'no column text: Text, in another case, is read as the text' },
      ],
    });
  });

  test('reads separator and quotes as the query says, and refuses other values', async () => {
    const classifier = createRuleClassifier();
    const file = 'id|text\n1|"Mond; verkauft!\n2|Fähre\n';
    const lines = await send(start({ classifier }), file, 'text/csv', '?separator=pipe&quotes=false');
    expect(classifier.seen.map(({ text }) => text)).toEqual(['"Mond; verkauft!', 'Fähre']);
    expect(lines.at(-1)).toMatchObject({ type: 'done', rows: 2, judged: 2, rejected: 0 });
  });

  test('says in the last line what the reader read past', async () => {
    const rows = '{"text":"Moon!","n":NaN}\n{"text":"Ferry"},\n';
    const lines = await send(start(), rows, 'application/x-ndjson');
    expect(lines.at(-1)).toMatchObject({
      type: 'done',
      fileNotes: [
        { code: 'NOT_A_NUMBER', rows: 1, message: expect.stringContaining('NaN') },
        { code: 'COMMA_EXTRA', rows: 1 },
      ],
    });
    const csv = await send(start(), 'text,tag,tag,tag\nMoon!,a,b,c\n');
    expect(csv.at(-1)).toMatchObject({ fileNotes: [{ code: 'COLUMN_RENAMED', column: 'tag', times: 3 }] });
  });

  test.each([
    ['a quote that is not closed', '"Two,open'],
    ['a quote that closes lines later', '"Two,far open\n3,three three\n4,four" four'],
    ['text after a closing quote', '"Two" times,two'],
    ['two fields too many', 'Two,two,two,two'],
  ])('answers each row by one prediction or one rejection, with %s', async (_, damaged) => {
    const rows = Array.from({ length: 200 }, (_x, i) => `Title ${i},The ferry number ${i} sailed.`);
    const content = `title,text\n${[...rows.slice(0, 70), damaged, ...rows.slice(70)].join('\n')}\n`;
    const last = content.trimEnd().split('\n').length;
    const lines = await send(start(), content);
    const answered = lines.filter(({ type }) => type === 'verdict' || type === 'rejected');
    expect(answered.map((line) => 'line' in line && line.line)).toEqual(
      Array.from({ length: last - 1 }, (_x, i) => i + 2),
    );
    const rejected = answered.filter(({ type }) => type === 'rejected');
    expect(rejected[0]).toMatchObject({ line: 72, error: { code: 'ARTICLE_ROW_INVALID' } });
    expect(lines.at(-1)).toMatchObject({
      type: 'done',
      rows: last - 1,
      judged: last - 1 - rejected.length,
      rejected: rejected.length,
    });
  });

  test('ends with a failed line if no row held an article', async () => {
    const lines = await send(start(), 'title,text\n,\na\n');
    expect(lines.map(({ type }) => type)).toEqual(['rejected', 'rejected', 'progress', 'failed']);
    expect(lines.at(-1)).toMatchObject({
      rows: 2,
      problem: { code: 'NOTHING_PREDICTED', status: 422, detail: expect.stringContaining('first in line 2') },
    });
  });

  test.each([
    ['columns=headline', 400, 'COLUMNS_INVALID'],
    ['columns=text=a&columns=text=b', 400, 'COLUMNS_INVALID'],
    ['columns=text=nichtda', 400, 'ARTICLE_COLUMNS_MISSING'],
    ['line_offset=-1', 422, 'QUERY_INVALID'],
    ['quotes=maybe', 422, 'QUERY_INVALID'],
    ['separator=stroke', 400, 'SEPARATOR_UNKNOWN'],
    ['separator=;&separator=,', 400, 'SEPARATOR_UNKNOWN'],
  ])('refuses ?%s', async (query, status, code) => {
    const response = await start().inject({
      method: 'POST',
      url: `/v1/batch?${query}`,
      headers: { 'content-type': 'text/csv' },
      payload: 'title,text\na,b\n',
    });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
  });

  test('says in the last line when the file turns out too long', async () => {
    const app = start({ limits: { maxUploadBytes: 50_000 } });
    const rows = `title\n${'Moon!\n'.repeat(20_000)}`;
    const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
    const response = await app.inject({ method: 'POST', url: '/v1/batch', headers, payload: gzipSync(rows) });
    const [first, last] = [parseLines(response.body)[0], parseLines(response.body).at(-1)];
    expect([first?.type, last]).toMatchObject([
      'verdict',
      { type: 'failed', problem: { code: 'REQUEST_TOO_LARGE' } },
    ]);
    const known = await app.inject({
      method: 'POST',
      url: '/v1/batch',
      headers: { 'content-type': 'text/csv' },
      payload: rows,
    });
    expect(known.json()).toMatchObject({ status: 413, code: 'REQUEST_TOO_LARGE' });
  });

  test('waits while the server is busy, then predicts every row', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const classifier = createRuleClassifier({
      before: ([a]) => (a?.title === 'hold' ? held : Promise.resolve()),
    });
    const app = start({ classifier, limits: { maxInFlight: 1 } });
    const first = app.inject({ method: 'POST', url: '/news/', payload: { title: 'hold', text: '' } });
    const file = send(app, 'title\nMoon!\n');
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect([(await first).statusCode, labels(await file)]).toEqual([200, ['FAKE']]);
  });

  test('predicts few files at once and refuses others with 503', async () => {
    const app = start({ limits: { maxUploads: 1 } });
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(url.port), '127.0.0.1');
    socket.write(
      'POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n6\r\ntitle\n\r\n',
    );
    let answer = { status: 200, code: '' };
    while (answer.status === 200) {
      const response = await fetch(new URL('/v1/batch', url), {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: 'title\na\n',
      });
      const body = await response.text();
      answer = {
        status: response.status,
        code: response.status === 200 ? '' : (JSON.parse(body) as { code: string }).code,
      };
    }
    expect(answer).toEqual({ status: 503, code: 'SERVER_BUSY' });
    socket.destroy(); // a disconnected client makes room
    while (answer.status === 503) {
      const response = await fetch(new URL('/v1/batch', url), {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: 'title\na\n',
      });
      await response.text();
      answer = { status: response.status, code: '' };
    }
    expect(answer.status).toBe(200);
  });

  test('stops predicting when the client disconnects', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let chunks = 0;
    const classifier = createRuleClassifier({ before: () => (++chunks === 1 ? Promise.resolve() : held) });
    const app = start({ classifier, limits: { maxUploads: 1 } });
    const gone = new Promise<void>((resolve) => {
      app.server.once('connection', (socket) => socket.once('close', () => resolve()));
    });
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const headers = { 'content-type': 'text/csv' };
    const client = request({ host: '127.0.0.1', port: url.port, method: 'POST', path: '/v1/batch', headers });
    client.on('error', () => {});
    client.end(`title\n${'a\n'.repeat(64 * 20)}`);
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    await once(response, 'data');
    client.destroy();
    await gone;
    release();
    let status = 503; // until the one place for files is free again
    while (status === 503) {
      const again = await fetch(new URL('/v1/batch', url), { method: 'POST', headers, body: 'title\nb\n' });
      await again.text();
      status = again.status;
    }
    expect(status).toBe(200);
    expect(classifier.seen.length).toBeLessThan(64 * 5);
  });

  test('reads no faster than it predicts, and works with a client that sends everything first', async () => {
    const app = start();
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const rows = 20_000;
    const body = `title,text\n${'Moon!,sold\n'.repeat(rows)}`;
    // fetch reads nothing of the response before the whole body has been sent
    const response = await fetch(new URL('/v1/batch', url), {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body,
    });
    const lines = parseLines(await response.text());
    expect(lines.at(-1)).toMatchObject({ type: 'done', rows, judged: rows });
  });
});
