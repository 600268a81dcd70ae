import { getEventListeners, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { md5Of, patternOf } from '../../../test/conformance/remote.ts';
import { openRemote } from './open-remote.ts';
import type { Remote } from './remote.ts';
import { pullObjects } from './transfer.ts';

const BYTES = patternOf(2_000_000);
let folder: string;
let server: Server;
let requests: { method: string; url: string; range: string | undefined; authorization: string | undefined }[];
/** Answers a request; by default with the bytes, of which it knows ranges. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-https-'));
  requests = [];
  answer = serveBytes;
  server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, range: headers.range, authorization: headers.authorization });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function serveBytes(request: IncomingMessage, response: ServerResponse): void {
  const [, start] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
  const body = BYTES.subarray(Number(start ?? 0));
  const range =
    start === undefined ? {} : { 'content-range': `bytes ${start}-${BYTES.length - 1}/${BYTES.length}` };
  response.writeHead(start === undefined ? 200 : 206, { 'content-length': body.length, ...range });
  response.end(request.method === 'HEAD' ? undefined : body);
}

const open = (path = '/mirror/', more = {}): Promise<Remote> =>
  openRemote({
    name: null,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    ...more,
  });
const readAll = async (remote: Remote, startByte = 0): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of await remote.read('files/md5/ab/ä c', { startByte }))
    pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
};

describe('a remote on the web', () => {
  it('reads an object whole, from its middle, and says its size', async () => {
    const remote = await open();
    expect((await readAll(remote)).equals(BYTES)).toBe(true);
    expect((await readAll(remote, 1_500_000)).equals(BYTES.subarray(1_500_000))).toBe(true);
    expect(await remote.stat('a')).toEqual({ key: 'a', sizeBytes: BYTES.length, md5: null });
    expect(requests[0]).toMatchObject({ url: '/mirror/files/md5/ab/%C3%A4%20c', range: undefined });
    expect(requests[1]).toMatchObject({ range: 'bytes=1500000-' });
  });

  it('reads from the middle also where the server knows no ranges', async () => {
    answer = (_, response) => response.end(BYTES);
    expect((await readAll(await open(), 1_500_000)).equals(BYTES.subarray(1_500_000))).toBe(true);
  });

  it('asks for the size by reading where HEAD is refused', async () => {
    answer = (request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end();
      else serveBytes(request, response);
    };
    expect(await (await open()).stat('a')).toMatchObject({ sizeBytes: BYTES.length });
  });

  it('continues a pull by a range after the connection was cut, at any byte', async () => {
    let cuts = 0;
    answer = (request, response) => {
      if (++cuts > 3) return serveBytes(request, response);
      const [, start = '0'] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
      response.writeHead(start === '0' ? 200 : 206, { 'content-length': BYTES.length - Number(start) });
      response.write(BYTES.subarray(Number(start), Number(start) + 400_001), () => response.destroy());
    };
    const path = join(folder, 'object');
    const object = { key: 'a', path, sizeBytes: BYTES.length, md5: md5Of(BYTES) };
    expect(await pullObjects(await open(), [object], { firstPauseMs: 1 })).toMatchObject({
      moved: 1,
      mended: [],
    });
    expect(readFileSync(path).equals(BYTES)).toBe(true);
    expect(requests.at(-1)!.range).toMatch(/^bytes=[1-9]\d{5,}-$/);
  });

  it('sends user and password, or the query of a signed address, and never shows them', async () => {
    answer = (_, response) => response.writeHead(401).end();
    const named = await open('/', { user: 'reader', password: 'geheim' });
    const failure = await named.read('a').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'REMOTE_CREDENTIALS' });
    expect(requests[0]!.authorization).toBe(`Basic ${Buffer.from('reader:geheim').toString('base64')}`);
    const signed = await open('/?signature=geheim');
    const refused = await signed.read('a').catch((error: unknown) => error);
    expect(requests[1]!.url).toBe('/a?signature=geheim');
    for (const shown of [named.url, signed.url, String(failure), String(refused), JSON.stringify(refused)])
      expect(shown).not.toContain('geheim');
  });

  it.each([
    [404, 'REMOTE_OBJECT_MISSING'],
    [403, 'REMOTE_FORBIDDEN'],
    [503, 'REMOTE_UNREACHABLE'],
    [418, 'REMOTE_ANSWER_INVALID'],
  ])('calls status %i %s', async (status, code) => {
    answer = (_, response) => response.writeHead(status).end();
    await expect((await open()).read('a')).rejects.toMatchObject({ code });
  });

  it.each([200, 404, 403, 416])(
    'leaves no listener at the signal after an answer with status %i',
    async (status) => {
      answer = (request, response) =>
        status === 200 ? serveBytes(request, response) : response.writeHead(status).end();
      const remote = await open();
      const { signal } = new AbortController();
      await remote.stat('a', { signal }).catch(() => {});
      const stream = await remote.read('a', { signal, startByte: 1 }).catch(() => null);
      if (stream !== null) for await (const _ of stream);
      await pause(20); // the stream closes
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    },
  );

  it('ends a read when the signal is aborted in its midst', async () => {
    answer = (_, response) =>
      void response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 10));
    const stop = new AbortController();
    const stream = await (await open()).read('a', { signal: stop.signal });
    stop.abort(new Error('asked to stop'));
    await expect(stream.toArray()).rejects.toThrow('asked to stop');
  });

  it('is only read', async () => {
    const remote = await open();
    expect(remote.isReadOnly).toBe(true);
    const source = { path: 'a', sizeBytes: 1, md5: '' };
    await expect(remote.write('a', source)).rejects.toMatchObject({ code: 'REMOTE_READ_ONLY' });
    await expect(remote.delete('a')).rejects.toMatchObject({ code: 'REMOTE_READ_ONLY' });
    await expect(remote.read('../a')).rejects.toMatchObject({ code: 'REMOTE_KEY_INVALID' });
    await expect(remote.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'REMOTE_UNSUPPORTED',
    });
  });

  it('tells its clock', async () => {
    answer = (_, response) =>
      response.writeHead(200, { date: new Date(Date.now() + 3_600_000).toUTCString() }).end();
    expect(await (await open()).measureClock()).toBeGreaterThan(3_590_000);
    answer = (_, response) => response.writeHead(200).end();
    expect(Math.abs((await (await open()).measureClock())!)).toBeLessThan(5000);
  });

  it('of an unknown kind is refused', async () => {
    await expect(openRemote({ name: null, url: 'ssh://host/folder' })).rejects.toMatchObject({
      code: 'REMOTE_UNSUPPORTED',
      message: expect.stringContaining('expected a folder, file://, s3://, gs:// or https://, got ssh://'),
    });
  });
});
