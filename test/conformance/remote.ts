// Tests what every remote guarantees (src/keeping/remotes/remote.ts), with a factory of remotes as parameter.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectSource, Remote, RemoteObject } from '../../src/keeping/remotes/remote.ts';
import { killElsewhere, runElsewhere } from './place.ts';

export interface RemotePlace {
  /** Opens the remote in this process, a new instance each time. */
  open(): Promise<Remote>;
  /** Source of a module that another process runs; in it, `remote` is the remote of this place. */
  script(body: string): string;
  /** Starts the server, if there is one. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** Empties the remote. */
  clear(): Promise<void>;
}

/** More than one part of a multipart upload. */
const LARGE_BYTES = 20_000_000;

export function md5Of(bytes: Uint8Array | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Bytes that differ from place to place, the same for the same seed. */
export function patternOf(sizeBytes: number, seed = 1): Buffer {
  const words = new Int32Array(Math.ceil(sizeBytes / 4));
  for (let i = 0, x = seed; i < words.length; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
    words[i] = x;
  }
  return Buffer.from(words.buffer, 0, sizeBytes);
}

export function describeRemote(name: string, place: RemotePlace): void {
  describe(`${name} keeps the promises of a remote`, () => {
    let folder: string;
    beforeAll(() => place.start?.(), 60_000);
    afterAll(() => place.stop?.());
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'veracity-remote-'));
      await place.clear();
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const sourceOf = (bytes: Buffer | string, path = join(folder, `${md5Of(bytes)}`)): ObjectSource => {
      writeFileSync(path, bytes);
      return { path, sizeBytes: Buffer.byteLength(bytes), md5: md5Of(bytes) };
    };
    const readAll = async (remote: Remote, key: string, startByte = 0): Promise<Buffer> => {
      const pieces: Buffer[] = [];
      for await (const piece of await remote.read(key, { startByte })) pieces.push(piece as Buffer);
      return Buffer.concat(pieces);
    };
    const listAll = async (remote: Remote, prefix: string): Promise<RemoteObject[]> => {
      const objects: RemoteObject[] = [];
      for await (const object of remote.list(prefix)) objects.push(object);
      return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
    };

    it('returns what was written, from another instance, and says its size', async () => {
      const remote = await place.open();
      expect(await remote.stat('files/md5/ab/c')).toBeNull();
      let sent = 0;
      const source = sourceOf('hello');
      expect(await remote.write('files/md5/ab/c', source, { onBytes: (bytes) => (sent += bytes) })).toBe(
        'written',
      );
      expect(sent).toBe(5);
      const other = await place.open();
      expect(await other.stat('files/md5/ab/c')).toMatchObject({ key: 'files/md5/ab/c', sizeBytes: 5 });
      expect((await readAll(other, 'files/md5/ab/c')).toString()).toBe('hello');
      expect((await readAll(other, 'files/md5/ab/c', 2)).toString()).toBe('llo');
    });

    it.each([5, 6, 1000])('reads no bytes from byte %i on of an object of 5 bytes', async (startByte) => {
      const remote = await place.open();
      await remote.write('k/1', sourceOf('hello'));
      expect(await readAll(remote, 'k/1', startByte)).toHaveLength(0);
      await expect(remote.read('k/2', { startByte })).rejects.toMatchObject({
        code: 'REMOTE_OBJECT_MISSING',
      });
    });

    it('holds empty objects, and keys with spaces, umlauts and signs', async () => {
      const remote = await place.open();
      await remote.write('files/md5/d4/empty', sourceOf(''));
      expect(await remote.stat('files/md5/d4/empty')).toMatchObject({ sizeBytes: 0 });
      expect((await readAll(remote, 'files/md5/d4/empty')).length).toBe(0);
      const key = 'data/ä b+c %20 ?#&=~.csv';
      await remote.write(key, sourceOf('x'));
      expect((await readAll(remote, key)).toString()).toBe('x');
      expect((await listAll(remote, 'data/')).map((object) => object.key)).toEqual([key]);
    });

    it('lists the objects below a prefix, which may end within a name, and no others', async () => {
      const remote = await place.open();
      const keys = ['a', 'files/md5/aa/1', 'files/md5/ab/2', 'files/md5/ab/22', 'files/other/3'];
      for (const key of keys) await remote.write(key, sourceOf(key, join(folder, 'source')));
      expect((await listAll(remote, '')).map(({ key }) => key)).toEqual(keys);
      expect((await listAll(remote, 'files/md5/')).map(({ key }) => key)).toEqual(keys.slice(1, 4));
      expect((await listAll(remote, 'files/md5/ab/2')).map(({ key }) => key)).toEqual(keys.slice(2, 4));
      expect(await listAll(remote, 'files/none/')).toEqual([]);
      expect((await listAll(remote, 'files/md5/aa/'))[0]).toMatchObject({ sizeBytes: 14 });
    });

    it('lists more objects than one answer of a server holds', async () => {
      const remote = await place.open();
      const source = sourceOf('many');
      const keys = Array.from({ length: 1010 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
      const queue = keys.values();
      const job = async (): Promise<void> => {
        for (const key of queue) await remote.write(key, source);
      };
      await Promise.all(Array.from({ length: 16 }, job));
      expect((await listAll(remote, 'many/')).map(({ key }) => key)).toEqual(keys);
    }, 60_000);

    it('leaves an object that is there as it is, unless it is known to be damaged', async () => {
      const remote = await place.open();
      await remote.write('k/1', sourceOf('first'));
      expect(await remote.write('k/1', sourceOf('other'))).toBe('exists');
      expect((await readAll(remote, 'k/1')).toString()).toBe('first');
      expect(await remote.write('k/1', sourceOf('other'), { replaces: true })).toBe('written');
      expect((await readAll(remote, 'k/1')).toString()).toBe('other');
    });

    it('deletes an object, and does nothing where there is none', async () => {
      const remote = await place.open();
      await remote.write('k/1', sourceOf('first'));
      await remote.delete('k/1');
      await remote.delete('k/1');
      expect(await remote.stat('k/1')).toBeNull();
      expect(await listAll(remote, '')).toEqual([]);
    });

    it('names a missing object', async () => {
      const remote = await place.open();
      await remote.write('k/1', sourceOf('first'));
      await expect(remote.read('k/2')).rejects.toMatchObject({
        code: 'REMOTE_OBJECT_MISSING',
        message: expect.stringContaining('k/2'),
      });
    });

    it.each(['../up', 'a/../../up', '/etc/passwd', 'a//b', '', 'a\\b', '.'])(
      'refuses the key %j',
      async (key) => {
        const remote = await place.open();
        await expect(remote.read(key)).rejects.toMatchObject({ code: 'REMOTE_KEY_INVALID' });
        await expect(remote.write(key, sourceOf('x'))).rejects.toMatchObject({ code: 'REMOTE_KEY_INVALID' });
        await expect(remote.stat(key)).rejects.toMatchObject({ code: 'REMOTE_KEY_INVALID' });
        await expect(remote.delete(key)).rejects.toMatchObject({ code: 'REMOTE_KEY_INVALID' });
      },
    );

    it.each([
      ['a small', 1000],
      ['a large', LARGE_BYTES],
    ])(
      'takes nothing of %s file that changed since its md5 was taken',
      async (_, sizeBytes) => {
        const remote = await place.open();
        const bytes = patternOf(sizeBytes);
        const source = sourceOf(bytes);
        bytes[sizeBytes - 1]! ^= 1;
        writeFileSync(source.path, bytes);
        await expect(remote.write('k/changed', source)).rejects.toMatchObject({
          code: 'REMOTE_OBJECT_CORRUPT',
        });
        writeFileSync(source.path, bytes.subarray(0, sizeBytes / 2));
        await expect(remote.write('k/changed', source)).rejects.toMatchObject({
          code: 'REMOTE_OBJECT_CORRUPT',
        });
        expect(await remote.stat('k/changed')).toBeNull();
        rmSync(source.path);
        await expect(remote.write('k/changed', source)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
      },
      30_000,
    );

    it('moves a large file, and reads it from its middle', async () => {
      const remote = await place.open();
      const bytes = patternOf(LARGE_BYTES);
      let sent = 0;
      await remote.write('big/1', sourceOf(bytes), { onBytes: (count) => (sent += count) });
      expect(sent).toBe(LARGE_BYTES);
      expect(await remote.stat('big/1')).toMatchObject({ sizeBytes: LARGE_BYTES });
      expect(md5Of(await readAll(remote, 'big/1'))).toBe(md5Of(bytes));
      expect((await readAll(remote, 'big/1', LARGE_BYTES - 7)).equals(bytes.subarray(-7))).toBe(true);
    }, 60_000);

    it('keeps one whole object if instances and processes write it at once', async () => {
      const bytes = patternOf(LARGE_BYTES);
      const source = sourceOf(bytes);
      const body = `console.log(await remote.write('both/1', ${JSON.stringify(source)}));`;
      const outcomes = await Promise.all([
        place.open().then((remote) => remote.write('both/1', source)),
        place.open().then((remote) => remote.write('both/1', source)),
        runElsewhere(place.script(body)),
        runElsewhere(place.script(body)),
      ]);
      expect(outcomes).toContain('written');
      const remote = await place.open();
      expect(md5Of(await readAll(remote, 'both/1'))).toBe(md5Of(bytes));
      expect(await listAll(remote, '')).toHaveLength(1);
    }, 60_000);

    it('shows nothing of a write that was killed, and then takes the whole', async () => {
      const source = sourceOf(patternOf(LARGE_BYTES));
      const body = `
        let sent = 0;
        const onBytes = (bytes) => { sent += bytes; if (sent > 2_000_000) console.log(sent); };
        while (true) { await remote.write('killed/1', ${JSON.stringify(source)}, { onBytes }); await remote.delete('killed/1'); sent = 0; }`;
      await killElsewhere(place.script(body));
      const remote = await place.open();
      const found = await remote.stat('killed/1');
      expect([null, LARGE_BYTES]).toContain(found?.sizeBytes ?? null);
      await remote.write('killed/1', source);
      expect(md5Of(await readAll(remote, 'killed/1'))).toBe(source.md5);
    }, 60_000);

    it('ends a write and a read when the signal is aborted', async () => {
      const remote = await place.open();
      const stop = new AbortController();
      const reason = new Error('asked to stop');
      const source = sourceOf(patternOf(LARGE_BYTES));
      const onBytes = (): void => stop.abort(reason);
      await expect(remote.write('stopped/1', source, { signal: stop.signal, onBytes })).rejects.toBe(reason);
      expect(await remote.stat('stopped/1')).toBeNull();
      await expect(remote.read('stopped/1', { signal: stop.signal })).rejects.toBe(reason);
    }, 30_000);

    it('measures the clock of a server within seconds', async () => {
      const aheadMs = await (await place.open()).measureClock();
      if (aheadMs !== null) expect(Math.abs(aheadMs)).toBeLessThan(10_000);
    });
  });
}
