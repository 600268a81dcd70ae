import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeRemote, md5Of, patternOf } from '../../../test/conformance/remote.ts';
import { type S3Server, s3Program, startS3Server } from '../../../test/fixtures/object-servers.ts';
import type { ObjectSource, RemoteSettings } from './remote.ts';
import { openS3Remote } from './s3-remote.ts';

describe.skipIf(s3Program === null)('on a server', () => {
  let server: S3Server;
  const settings = (): RemoteSettings => ({
    name: null,
    url: 's3://bucket/some/folder',
    endpoint: server.endpoint,
    accessKeyId: 'tester',
    secretAccessKey: 'secret',
  });
  describeRemote('a bucket of S3', {
    start: async () => {
      server = await startS3Server();
    },
    stop: () => server.stop(),
    open: () => openS3Remote(settings()),
    script: (body) => `
      import { openRemote } from '${builtModule('keeping/remotes/index.js')}';
      const remote = await openRemote(${JSON.stringify(settings())});
      ${body}`,
    clear: async () => {
      await server.reset();
      await server.createBucket('bucket');
    },
  });
});

describe.skipIf(s3Program === null)('a large file that another process pushes to S3 at the same time', () => {
  let server: S3Server;
  let proxy: Server;
  let folder: string;
  /** What is done before a request is passed on. */
  let before: (method: string, url: URL) => Promise<void>;
  /** The upload that is over: the proxy answers as Amazon does, where the server here fails. */
  let over: string | null;
  const keys = { accessKeyId: 'tester', secretAccessKey: 'secret' };
  const settingsOf = (endpoint: string): RemoteSettings => ({
    name: null,
    url: 's3://bucket',
    endpoint,
    ...keys,
  });
  const clientOf = async () => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    const place = { endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true };
    return new S3Client({ ...place, credentials: keys });
  };
  beforeAll(async () => {
    server = await startS3Server();
    folder = mkdtempSync(join(tmpdir(), 'veracity-s3-'));
    proxy = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const { method = '', url = '', headers } = request;
      const address = new URL(url, server.endpoint);
      await before(method, address);
      if (over !== null && address.searchParams.get('uploadId') === over) {
        response.writeHead(404, { 'content-type': 'application/xml' });
        response.end('<Error><Code>NoSuchUpload</Code><Message>It is over.</Message></Error>');
        return;
      }
      const passed = httpRequest(address, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      passed.end(Buffer.concat(pieces));
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  }, 60_000);
  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    before = async () => {};
    over = null;
    await server.reset();
    await server.createBucket('bucket');
  });
  const large = (): ObjectSource => {
    const bytes = patternOf(20_000_000);
    const path = join(folder, 'large');
    writeFileSync(path, bytes);
    return { path, sizeBytes: bytes.length, md5: md5Of(bytes) };
  };
  const openThroughProxy = () =>
    openS3Remote(settingsOf(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`));
  const listUploads = async () => {
    const { ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
    const client = await clientOf();
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket' }));
    return Uploads.map(({ UploadId }) => UploadId!);
  };
  const abort = async (UploadId: string): Promise<void> => {
    const { AbortMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    const about = { Bucket: 'bucket', Key: 'large', UploadId };
    await (await clientOf()).send(new AbortMultipartUploadCommand(about));
  };
  const begin = async (): Promise<string> => {
    const { CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    const command = new CreateMultipartUploadCommand({ Bucket: 'bucket', Key: 'large' });
    return (await (await clientOf()).send(command)).UploadId!;
  };
  /** Calls `act` once, before the first request of this kind. */
  const onFirst = (kind: 'part' | 'completion', act: () => Promise<void>): void => {
    before = async (method, { searchParams }) => {
      const isPart = method === 'PUT' && searchParams.has('partNumber');
      const isCompletion = method === 'POST' && searchParams.has('uploadId');
      if (over !== null || !(kind === 'part' ? isPart : isCompletion)) return;
      over = searchParams.get('uploadId');
      await act();
    };
  };

  it.each([
    ['its first part', 'part', true],
    ['its first part', 'part', false],
    ['its completion', 'completion', true],
    ['its completion', 'completion', false],
  ] as const)(
    'is there although the other completes the upload before %s arrives (%s, taken over: %s)',
    async (_, kind, isTakenOver) => {
      const source = large();
      if (isTakenOver) await begin();
      onFirst(kind, async () => {
        // The other finds the same upload, and ends it.
        expect(await (await openS3Remote(settingsOf(server.endpoint))).write('large', source)).toBe(
          'written',
        );
      });
      expect(await (await openThroughProxy()).write('large', source)).toBe('exists');
      expect(await listUploads()).toEqual([]);
    },
    60_000,
  );

  it.each(['part', 'completion'] as const)(
    'is written with an upload of its own if the other aborts the upload before the first %s arrives',
    async (kind) => {
      const source = large();
      const other = await begin();
      onFirst(kind, () => abort(other));
      let sent = 0;
      const onBytes = (bytes: number): void => {
        sent += bytes;
      };
      const remote = await openThroughProxy();
      expect(await remote.write('large', source, { onBytes })).toBe('written');
      expect(sent).toBe(source.sizeBytes);
      expect(await remote.stat('large')).toMatchObject({ sizeBytes: source.sizeBytes });
    },
    60_000,
  );

  it('keeps the upload of the other when the file changed here, and ends its own', async () => {
    const source = { ...large(), md5: md5Of('other') };
    const remote = await openThroughProxy();
    await expect(remote.write('large', source)).rejects.toMatchObject({ code: 'REMOTE_OBJECT_CORRUPT' });
    expect(await listUploads()).toEqual([]);
    const other = await begin();
    await expect(remote.write('large', source)).rejects.toMatchObject({ code: 'REMOTE_OBJECT_CORRUPT' });
    expect(await listUploads()).toEqual([other]);
  }, 60_000);
});

describe.skipIf(s3Program === null)('a bucket of S3', () => {
  let server: S3Server;
  let folder: string;
  let source: ObjectSource;
  beforeAll(async () => {
    server = await startS3Server();
    folder = mkdtempSync(join(tmpdir(), 'veracity-s3-'));
    source = { path: join(folder, 'hello'), sizeBytes: 5, md5: md5Of('hello') };
    writeFileSync(source.path, 'hello');
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await server.reset();
    await server.createBucket('bucket');
  });
  const settings = (keys: Partial<RemoteSettings> = {}): RemoteSettings => ({
    name: null,
    url: 's3://bucket/some/folder',
    endpoint: server.endpoint,
    accessKeyId: 'tester',
    secretAccessKey: 'secret',
    ...keys,
  });

  it('that is not there is named', async () => {
    const remote = await openS3Remote({ ...settings(), url: 's3://misspelt' });
    await expect(remote.write('a', source)).rejects.toMatchObject({ code: 'REMOTE_NOT_FOUND' });
    await expect(remote.read('a')).rejects.toMatchObject({ code: 'REMOTE_NOT_FOUND' });
    await expect(remote.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'REMOTE_NOT_FOUND',
    });
  });

  it('refuses wrong keys, and each right that a user does not have, by name', async () => {
    const allow = (actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' });
    const reader = await server.createUser([allow(['s3:ListBucket', 's3:GetObject'])]);
    const remote = await openS3Remote(settings(reader));
    for await (const _ of remote.list('')) break;
    expect(await remote.stat('a')).toBeNull();
    await expect(remote.write('a', source)).rejects.toMatchObject({
      code: 'REMOTE_FORBIDDEN',
      message: expect.stringContaining('the right to write objects'),
    });
    await expect(remote.delete('a')).rejects.toMatchObject({
      code: 'REMOTE_FORBIDDEN',
      message: expect.stringContaining('the right to delete objects'),
    });
    const wrongSecret = await openS3Remote(settings({ ...reader, secretAccessKey: 'wrong' }));
    await expect(wrongSecret.stat('a')).rejects.toMatchObject({ code: 'REMOTE_CREDENTIALS' });
    const wrongKey = await openS3Remote(settings());
    await expect(wrongKey.write('a', source)).rejects.toMatchObject({
      code: 'REMOTE_CREDENTIALS',
      message: expect.stringContaining('an access key id that it does not know'),
    });
  });

  it('keeps the parts of an interrupted upload, and the next one sends only the others', async () => {
    const bytes = patternOf(40_000_000);
    const big = { path: join(folder, 'big'), sizeBytes: bytes.length, md5: md5Of(bytes) };
    writeFileSync(big.path, bytes);
    const stop = new AbortController();
    let sent = 0;
    const onBytes = (count: number): void => {
      sent += count;
      if (sent > 8_000_000) stop.abort(new Error('stopped'));
    };
    const first = await openS3Remote(settings());
    await expect(first.write('big', big, { signal: stop.signal, onBytes })).rejects.toThrow('stopped');
    const { S3Client, ListMultipartUploadsCommand, ListPartsCommand } = await import('@aws-sdk/client-s3');
    const credentials = { accessKeyId: 'tester', secretAccessKey: 'secret' };
    const client = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
    });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket' }));
    expect(Uploads).toHaveLength(1);
    const { Key, UploadId } = Uploads[0]!;
    const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket: 'bucket', Key, UploadId }));
    expect(Parts.length).toBeGreaterThan(0);
    const again: number[] = [];
    const second = await openS3Remote(settings());
    expect(await second.write('big', big, { onBytes: (count) => again.push(count) })).toBe('written');
    expect(again.reduce((sum, count) => sum + count, 0)).toBe(bytes.length);
    expect(await second.stat('big')).toMatchObject({ sizeBytes: bytes.length });
    const left = await client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket' }));
    expect(left.Uploads ?? []).toEqual([]);
  }, 60_000);
});
