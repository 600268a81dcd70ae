import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtModule } from '../../../test/conformance/place.ts';
import { describeRemote, md5Of, patternOf } from '../../../test/conformance/remote.ts';
import { gcsProgram, type ObjectServer, startGcsServer } from '../../../test/fixtures/object-servers.ts';
import { openGcsRemote } from './gcs-remote.ts';
import type { ObjectSource, RemoteSettings } from './remote.ts';

let server: ObjectServer;
let uploadsFolder: string;
/** A bucket of its own for each test: deleting one takes longer. */
let buckets = 0;
const settings = (): RemoteSettings => ({
  name: null,
  url: `gs://bucket-${buckets}/some/folder`,
  endpoint: server.endpoint,
  uploadsFolder,
});
const start = async (): Promise<void> => {
  server = await startGcsServer();
  uploadsFolder = mkdtempSync(join(tmpdir(), 'veracity-uploads-'));
};
const stop = async (): Promise<void> => {
  await server.stop();
  rmSync(uploadsFolder, { recursive: true, force: true });
};

describe.skipIf(gcsProgram === null)('on a server', () => {
  describeRemote('a bucket of Google Cloud Storage', {
    start,
    stop,
    open: () => openGcsRemote(settings()),
    script: (body) => `
      import { openRemote } from '${builtModule('keeping/remotes/index.js')}';
      const remote = await openRemote(${JSON.stringify(settings())});
      ${body}`,
    clear: async () => {
      buckets++;
      await server.createBucket(`bucket-${buckets}`);
    },
  });
});

describe.skipIf(gcsProgram === null)('a bucket of Google Cloud Storage', () => {
  let folder: string;
  beforeAll(start, 60_000);
  afterAll(stop);
  beforeEach(async () => {
    buckets++;
    await server.createBucket(`bucket-${buckets}`);
    folder = mkdtempSync(join(tmpdir(), 'veracity-gcs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const sourceOf = (bytes: Buffer | string): ObjectSource => {
    const path = join(folder, 'source');
    writeFileSync(path, bytes);
    return { path, sizeBytes: Buffer.byteLength(bytes), md5: md5Of(bytes) };
  };

  it('that is not there is named', async () => {
    const remote = await openGcsRemote({ ...settings(), url: 'gs://misspelt' });
    await expect(remote.write('a', sourceOf('x'))).rejects.toMatchObject({ code: 'REMOTE_NOT_FOUND' });
    await expect(remote.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'REMOTE_NOT_FOUND',
    });
  });

  it('says the md5 of an object, and returns an older generation; a missing one is named', async () => {
    const remote = await openGcsRemote(settings());
    await remote.write('data.csv', sourceOf('first'));
    const { Storage } = await import('@google-cloud/storage');
    const file = new Storage({ apiEndpoint: server.endpoint, projectId: 'test' })
      .bucket(`bucket-${buckets}`)
      .file('some/folder/data.csv');
    const [{ generation }] = await file.getMetadata();
    await remote.write('data.csv', sourceOf('second'), { replaces: true });
    expect(await remote.stat('data.csv')).toMatchObject({ sizeBytes: 6, md5: md5Of('second') });
    const version = String(generation);
    expect(await remote.stat('data.csv', { version })).toMatchObject({ sizeBytes: 5, md5: md5Of('first') });
    const pieces: Buffer[] = [];
    for await (const piece of await remote.read('data.csv', { version })) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).toString()).toBe('first');
    expect(await remote.stat('data.csv', { version: '12345' })).toBeNull();
    await expect(remote.read('data.csv', { version: '12345' })).rejects.toMatchObject({
      code: 'REMOTE_OBJECT_MISSING',
      message: expect.stringContaining('data.csv in its version 12345'),
    });
  });

  it('goes on with an interrupted upload, whose address only its owner can read', async () => {
    const bytes = patternOf(40_000_000);
    const source = sourceOf(bytes);
    const stopping = new AbortController();
    let sent = 0;
    const onBytes = (count: number): void => {
      sent += count;
      if (sent > 8_000_000) stopping.abort(new Error('stopped'));
    };
    const first = await openGcsRemote(settings());
    await expect(first.write('big', source, { signal: stopping.signal, onBytes })).rejects.toThrow('stopped');
    expect(await first.stat('big')).toBeNull();
    const [note] = readdirSync(uploadsFolder);
    const path = join(uploadsFolder, note!);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^http:\S+ 0{6,8}[1-9]\d{6,} waiting\n$/);
    const second = await openGcsRemote(settings());
    expect(await second.write('big', source)).toBe('written');
    expect(await second.stat('big')).toMatchObject({ sizeBytes: bytes.length, md5: source.md5 });
    expect(readdirSync(uploadsFolder)).toEqual([]);
  }, 60_000);
});
