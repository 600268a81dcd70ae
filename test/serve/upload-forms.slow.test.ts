// What an upload declares: its charset, and how many files its form has.
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/serving/app/app.ts';
import type { UploadLine } from '../../src/serving/routes/predict-upload.ts';
import { createRuleClassifier } from './rule-classifier.ts';

const apps: ReturnType<typeof createApp>[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});
function start() {
  const classifier = createRuleClassifier();
  const app = createApp({ classifier });
  apps.push(app);
  return { app, classifier };
}
type App = ReturnType<typeof createApp>;

const upload = (app: App, payload: string | Buffer, type: string, more = {}) =>
  app.inject({ method: 'POST', url: '/v1/batch', headers: { 'content-type': type, ...more }, payload });
const readLines = (text: string): UploadLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as UploadLine);

/** One part of a form. */
const part = (headers: string, content: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`--xx\r\ncontent-disposition: form-data; ${headers}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
const filePart = (name: string, content: string | Buffer, more = ''): Buffer =>
  part(`name="file"; filename="${name}"${more}`, content);
const form = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from('--xx--\r\n')]);
const FORM = 'multipart/form-data; boundary=xx';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const bigEndian = (text: string): Buffer => utf16(text).swap16();
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the declared charset of an upload', () => {
  const german = 'title,text\nFähre,Die Fähre fährt über den Fluß\n';
  test.each([
    ['windows-1252', latin(german), 'Die Fähre fährt über den Fluß'],
    ['"windows-1252"', latin(german), 'Die Fähre fährt über den Fluß'],
    ['ISO-8859-1', latin(german), 'Die Fähre fährt über den Fluß'],
    ['latin1', latin(german), 'Die Fähre fährt über den Fluß'],
    ['windows-1252', Buffer.concat([latin('title,text\na,'), Buffer.from([0x80, 0x93])]), '€“'],
    ['iso-8859-15', Buffer.concat([latin('title,text\na,'), Buffer.from([0xa4])]), '€'],
    ['windows-1251', Buffer.concat([latin('title,text\na,'), Buffer.from([0xcf, 0xe0, 0xf0])]), 'Пар'],
    ['koi8-r', Buffer.concat([latin('title,text\na,'), Buffer.from([0xf0, 0xc1, 0xd2])]), 'Пар'],
    ['shift_jis', Buffer.concat([latin('title,text\na,'), Buffer.from([0x93, 0x6e, 0x82, 0xb5])]), '渡し'],
    ['gbk', Buffer.concat([latin('title,text\na,'), Buffer.from([0xb6, 0xc9])]), '渡'],
    ['utf-16le', utf16(german), 'Die Fähre fährt über den Fluß'],
    ['utf-16', utf16(german), 'Die Fähre fährt über den Fluß'],
    ['utf-16be', bigEndian(german), 'Die Fähre fährt über den Fluß'],
    ['UTF-8', Buffer.from(german), 'Die Fähre fährt über den Fluß'],
  ])('%s is decoded', async (charset, bytes, text) => {
    const { app, classifier } = start();
    const response = await upload(app, bytes, `text/csv; charset=${charset}`);
    expect(response.statusCode).toBe(200);
    expect(classifier.seen.map((article) => article.text)).toEqual([text]);
  });

  test('is decoded in JSON Lines, compressed uploads and the parts of a form', async () => {
    for (const [bytes, type, headers] of [
      [latin('{"title":"Fähre"}\n'), 'application/x-ndjson; charset=iso-8859-1', {}],
      [gzipSync(latin('title\nFähre\n')), 'text/csv;charset=latin1', { 'content-encoding': 'gzip' }],
      [
        form(filePart('a.csv', latin('title\nFähre\n'), '\r\ncontent-type: text/csv; charset=windows-1252')),
        FORM,
        {},
      ],
      [
        form(filePart('a', utf16('title\nFähre\n'), '\r\ncontent-type: text/csv;charset="utf-16le"')),
        FORM,
        {},
      ],
    ] as const) {
      const { app, classifier } = start();
      expect((await upload(app, bytes, type, headers)).statusCode).toBe(200);
      expect(classifier.seen).toEqual([{ title: 'Fähre', text: '' }]);
    }
  });

  test.each([
    ['UTF-8', Buffer.from('\ufefftitle\nFähre\n')],
    ['UTF-16, little-endian', utf16('\ufefftitle\nFähre\n')],
    ['UTF-16, big-endian', bigEndian('\ufefftitle\nFähre\n')],
  ])('is overruled by a byte order mark: %s', async (_, bytes) => {
    const { app, classifier } = start();
    await upload(app, bytes, 'text/csv; charset=windows-1252');
    expect(classifier.seen).toEqual([{ title: 'Fähre', text: '' }]);
  });

  test('is decoded across the borders of chunks, whichever they are', async () => {
    const { app, classifier } = start();
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    for (const [charset, bytes] of [
      ['utf-16le', utf16('\ufefftitle\n渡し船😀\n')],
      [
        'shift_jis',
        Buffer.concat([latin('title\n'), Buffer.from([0x93, 0x6e, 0x82, 0xb5, 0x91, 0x44, 0x0a])]),
      ],
    ] as const) {
      const socket = connect(Number(url.port), '127.0.0.1').setNoDelay(true);
      socket.write(
        `POST /v1/batch HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: text/csv; charset=${charset}\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      for (const byte of bytes) {
        socket.write(Buffer.concat([latin('1\r\n'), Buffer.from([byte]), latin('\r\n')]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end('0\r\n\r\n').resume();
      await once(socket, 'close');
    }
    expect(classifier.seen.map(({ title }) => title)).toEqual(['渡し船😀', '渡し船']);
  });

  test('refuses only the rows whose bytes it cannot be', async () => {
    const { app, classifier } = start();
    const bytes = Buffer.concat([latin('title\na\n'), Buffer.from([0x93]), latin('\nb\n')]);
    const lines = readLines((await upload(app, bytes, 'text/csv; charset=shift_jis')).body);
    expect(lines.map(({ type }) => type)).toEqual(['verdict', 'rejected', 'verdict', 'progress', 'done']);
    expect(classifier.seen.map(({ title }) => title)).toEqual(['a', 'b']);
  });

  test.each([
    ['text/csv; charset=klingon', 'klingon'],
    ['text/csv; charset=utf-7', 'utf-7'],
    ['text/csv; charset="utf-32"', 'utf-32'],
    ['text/csv; charset=<script>', 'another'],
    ['application/x-ndjson; charset=cp1252x', 'cp1252x'],
  ])('of a name that nobody knows is refused: %s', async (type, named) => {
    const { app, classifier } = start();
    const response = await upload(app, 'title\na\n', type);
    expect(response.json()).toMatchObject({ status: 415, code: 'CHARSET_UNKNOWN' });
    expect(response.json().detail).toContain(`got ${named}`);
    expect(response.body).not.toContain('<script>');
    expect(classifier.seen).toEqual([]);
    const inForm = form(filePart('a.csv', 'title\na\n', `\r\ncontent-type: ${type}`));
    expect((await upload(app, inForm, FORM)).json()).toMatchObject({ code: 'CHARSET_UNKNOWN' });
  });

  test('is decoded in JSON bodies too', async () => {
    const { app, classifier } = start();
    const send = (charset: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/predict',
        headers: { 'content-type': `application/json; charset=${charset}` },
        payload: latin('{"title":"Fähre","text":""}'),
      });
    expect((await send('iso-8859-1')).statusCode).toBe(200);
    expect(classifier.seen).toEqual([{ title: 'Fähre', text: '' }]);
    expect((await send('utf-8')).json()).toMatchObject({ code: 'REQUEST_NOT_JSON' });
    expect((await send('ebcdic')).json()).toMatchObject({ status: 415, code: 'CHARSET_UNKNOWN' });
  });
});

describe('a form with two files', () => {
  test.each([
    ['of the same field', form(filePart('a.csv', 'title\na\n'), filePart('b.csv', 'title\nb\n'))],
    ['of two fields', form(filePart('a.csv', 'title\na\n'), part('name="more"; filename="b.jsonl"', '{}'))],
    [
      'with fields around them',
      form(
        part('name="note"', 'hello'),
        filePart('a.csv', 'title\na\n'),
        part('name="x"', 'y'),
        filePart('b.csv', 'title\nb\n'),
      ),
    ],
    ['of which the second is empty', form(filePart('a.csv', 'title\na\n'), filePart('b.csv', ''))],
    ['of which the second is no CSV', form(filePart('a.csv', 'title\na\n'), filePart('b.png', 'x'))],
  ])('%s is refused before a row is predicted', async (_, payload) => {
    const { app, classifier } = start();
    const response = await upload(app, payload, FORM);
    expect(response.json()).toMatchObject({ status: 422, code: 'UPLOAD_SEVERAL_FILES' });
    expect(response.json().detail).toBe('upload: expected one file in the form, got more');
    expect(classifier.seen).toEqual([]);
  });

  test('ends with failed, not with done, where rows of a long first file were sent already', async () => {
    const { app } = start();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const parts = [filePart('a.csv', `title\n${'Ferry\n'.repeat(100_000)}`), filePart('b.csv', 'title\nb\n')];
    const body = new Blob([form(...parts)]).stream(); // in chunks
    const init = { method: 'POST', headers: { 'content-type': FORM }, body, duplex: 'half' as const };
    const response = await fetch(`${url}/v1/batch`, init);
    const lines = readLines(await response.text());
    expect([response.status, lines[0]?.type, lines.at(-1)]).toMatchObject([
      200,
      'verdict',
      { type: 'failed', problem: { code: 'UPLOAD_SEVERAL_FILES' } },
    ]);
  });

  test('is not what a page sends whose second field was left empty', async () => {
    const { app, classifier } = start();
    const empty = part('name="more"; filename=""\r\ncontent-type: application/octet-stream', '');
    for (const payload of [
      form(filePart('a.csv', 'title\na\n'), empty),
      form(empty, filePart('a.csv', 'title\na\n'), part('name="note"', 'hello')),
    ]) {
      const lines = readLines((await upload(app, payload, FORM)).body);
      expect(lines.at(-1)).toMatchObject({ type: 'done', rows: 1, judged: 1 });
    }
    expect(classifier.seen).toHaveLength(2);
  });

  test('of one long file is read whole, and what follows the form is ignored', async () => {
    const { app } = start();
    const rows = `title\n${'Ferry\n'.repeat(100_000)}`;
    const payload = Buffer.concat([form(filePart('a.csv', rows)), Buffer.alloc(100_000, 'y')]);
    expect(readLines((await upload(app, payload, FORM)).body).at(-1)).toMatchObject({
      type: 'done',
      rows: 100_000,
    });
  });

  test('that breaks off after its first file is no whole form', async () => {
    const { app, classifier } = start();
    const payload = form(filePart('a.csv', 'title\na\n')).subarray(0, -8);
    expect((await upload(app, payload, FORM)).json()).toMatchObject({ code: 'REQUEST_REFUSED' });
    expect(classifier.seen).toEqual([]);
  });
});
