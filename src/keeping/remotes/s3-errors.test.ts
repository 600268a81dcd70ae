import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { md5Of } from '../../../test/conformance/remote.ts';
import { openRemote } from './open-remote.ts';
import type { ObjectSource, Remote } from './remote.ts';
import { loadClient } from './vendor-client.ts';

interface Answer {
  readonly status: number;
  readonly code?: string;
}

let folder: string;
let server: Server;
let requests: { method: string; url: string; isConditional: boolean }[];
let answer: (method: string, url: string) => Answer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-s3-'));
  requests = [];
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const [method = '', url = ''] = [request.method, request.url];
      requests.push({ method, url, isConditional: request.headers['if-none-match'] === '*' });
      const { status, code } = answer(method, url);
      const body =
        code === undefined
          ? ''
          : `<Error><Code>${code}</Code><Message>what the server says</Message></Error>`;
      response.writeHead(status, {
        'content-type': 'application/xml',
        etag: '"49f68a5c8493ec2c0bf489821c21fc3b"',
      });
      response.end(method === 'HEAD' ? undefined : body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (): Promise<Remote> =>
  openRemote({
    name: null,
    url: 's3://bucket/folder',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKeyId: 'AKIAEXAMPLE',
    secretAccessKey: 'not to be shown',
  });
const hello = (): ObjectSource => {
  const path = join(folder, 'hi');
  writeFileSync(path, 'hi');
  return { path, sizeBytes: 2, md5: md5Of('hi') };
};

describe('an answer of S3', () => {
  it.each([
    [403, 'AccessDenied', 'REMOTE_FORBIDDEN', 'the right to write objects'],
    [403, 'InvalidAccessKeyId', 'REMOTE_CREDENTIALS', 'an access key id that it does not know'],
    [403, 'SignatureDoesNotMatch', 'REMOTE_CREDENTIALS', 'a secret access key that does not belong'],
    [400, 'ExpiredToken', 'REMOTE_CREDENTIALS', 'a session token that has expired'],
    [403, 'RequestTimeTooSkewed', 'REMOTE_CLOCK', 'more than 15 minutes off'],
    [404, 'NoSuchBucket', 'REMOTE_NOT_FOUND', 'expected a bucket, found none'],
    [418, 'Teapot', 'REMOTE_ANSWER_INVALID', 'status 418, Teapot, what the server says'],
  ])('of %i %s is %s', async (status, code, expected, words) => {
    answer = (method) => (method === 'HEAD' ? { status: 404 } : { status, code });
    const remote = await open();
    const failure = await remote.write('a', hello()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: expected, message: expect.stringContaining(words) });
    expect(String(failure)).toContain('s3://bucket/folder');
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/not to be shown|AKIAEXAMPLE/);
  });

  it('of 503 SlowDown is tried again, then called unreachable', async () => {
    answer = (method) => (method === 'HEAD' ? { status: 404 } : { status: 503, code: 'SlowDown' });
    const remote = await open();
    await expect(remote.write('a', hello())).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringContaining('503 SlowDown'),
    });
    expect(requests.filter(({ method }) => method === 'PUT').length).toBeGreaterThan(1);
  });

  it('to HEAD has no reason, so that another request asks for it', async () => {
    answer = (method) => (method === 'HEAD' ? { status: 403 } : { status: 403, code: 'InvalidAccessKeyId' });
    const remote = await open();
    await expect(remote.stat('a')).rejects.toMatchObject({ code: 'REMOTE_CREDENTIALS' });
  });

  it('is not there where nothing listens', async () => {
    const remote = await open();
    server.close();
    await once(server, 'close');
    await expect(remote.stat('a')).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  it('that does not know If-None-Match is followed by a write without it', async () => {
    answer = (method) => {
      if (method === 'HEAD') return { status: 404 };
      return requests.at(-1)!.isConditional ? { status: 501, code: 'NotImplemented' } : { status: 200 };
    };
    const remote = await open();
    expect(await remote.write('a', hello())).toBe('written');
    expect(await remote.write('b', hello())).toBe('written');
    const writes = requests.filter(({ method }) => method === 'PUT');
    expect(writes.at(-1)!.isConditional).toBe(false);
    expect(writes.filter(({ url }) => url.includes('folder/b'))).toHaveLength(1);
  });
});

describe('the client of a vendor', () => {
  it('that is not installed is named, with the command that installs it', async () => {
    const absent = 'veracity-no-such-package';
    await expect(loadClient('s3://bucket', '@aws-sdk/client-s3', () => import(absent))).rejects.toMatchObject(
      {
        code: 'REMOTE_CLIENT_MISSING',
        hint: 'Install it beside Veracity: npm install @aws-sdk/client-s3',
      },
    );
  });
});
