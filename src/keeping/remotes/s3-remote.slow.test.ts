import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
