// Tests what every blob store guarantees (src/keeping/blobs/blob-store.ts), with a factory of stores as parameter.
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobName, BlobStore } from '../../src/keeping/blobs/blob-store.ts';
import { killElsewhere, runElsewhere, type StorePlace } from './place.ts';

export interface BlobStorePlace extends StorePlace<BlobStore> {
  /** Changes the stored bytes of a blob, as a failing disk would. */
  damage(blob: BlobName, bytes: string): void;
}

const HELLO: BlobName = { md5: '5d41402abc4b2a76b9719d911017c592', sizeBytes: 5 };

/** @param createPlace  a new, empty place for each test */
export function describeBlobStore(name: string, createPlace: () => BlobStorePlace): void {
  describe(`${name} keeps the promises of a blob store`, () => {
    let place: BlobStorePlace;
    let folder: string;
    beforeEach(() => {
      place = createPlace();
      folder = mkdtempSync(join(tmpdir(), 'veracity-blob-'));
    });
    afterEach(() => {
      place.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const readAll = async (blob: BlobName): Promise<string> => {
      const chunks: Buffer[] = [];
      for await (const chunk of place.open().open(blob)) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };

    it('names bytes by md5 and size, and returns them from another instance', async () => {
      expect(await place.open().putBytes('hello')).toEqual(HELLO);
      expect(await place.open().has(HELLO)).toBe(true);
      expect(await readAll(HELLO)).toBe('hello');
      expect(readFileSync(await place.open().materialize(HELLO), 'utf8')).toBe('hello');
    });

    it('copies a file, or takes it away if it may move it', async () => {
      const path = join(folder, 'raw.txt');
      writeFileSync(path, 'hello');
      expect(await place.open().putFile(path)).toEqual(HELLO);
      expect(existsSync(path)).toBe(true);
      expect(await place.open().putFile(path, { move: true })).toEqual(HELLO);
      expect(existsSync(path)).toBe(false);
      expect(await readAll(HELLO)).toBe('hello');
    });

    it('lists and deletes blobs, and makes those young that are put again', async () => {
      const store = place.open();
      expect(await store.list()).toEqual([]);
      await store.putBytes('hello');
      const other = await store.putBytes('other');
      const [first] = (await place.open().list()).filter(({ md5 }) => md5 === HELLO.md5);
      expect(first).toMatchObject(HELLO);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await place.open().putBytes('hello');
      const [again] = (await place.open().list()).filter(({ md5 }) => md5 === HELLO.md5);
      expect(again!.putMs).toBeGreaterThan(first!.putMs);
      const path = join(folder, 'old.txt');
      writeFileSync(path, 'old');
      utimesSync(path, new Date(1e12), new Date(1e12));
      const moved = await store.putFile(path, { move: true });
      expect((await store.list()).find(({ md5 }) => md5 === moved.md5)!.putMs).toBeGreaterThan(1.1e12);
      await place.open().delete(HELLO);
      await place.open().delete(HELLO);
      expect(await store.has(HELLO)).toBe(false);
      expect((await store.list()).map(({ md5 }) => md5).sort()).toEqual([other.md5, moved.md5].sort());
    });

    it('rejects for a missing blob', async () => {
      const store = place.open();
      expect(await store.has(HELLO)).toBe(false);
      for (const call of [
        store.verify(HELLO),
        readAll(HELLO),
        store.materialize(HELLO),
        store.putFile(join(folder, 'no')),
      ])
        await expect(call).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    });

    it.each([
      ['changed', 'hellO'],
      ['cut', 'hell'],
    ])('finds a %s blob, and replaces it when its bytes are put again', async (_, bytes) => {
      const store = place.open();
      await store.putBytes('hello');
      place.damage(HELLO, bytes);
      await expect(store.verify(HELLO)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
      await expect(readAll(HELLO)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
      await place.open().putBytes('hello');
      await expect(store.verify(HELLO)).resolves.toBeUndefined();
    });

    it('keeps one whole blob if instances and processes put the same bytes at once', async () => {
      const text = 'x'.repeat(2_000_000);
      const body = `for (let i = 0; i < 5; i++) await store.putBytes('x'.repeat(2_000_000));`;
      const [blob] = await Promise.all([
        place.open().putBytes(text),
        place.open().putBytes(text),
        runElsewhere(place.script(body)),
        runElsewhere(place.script(body)),
      ]);
      expect(await readAll(blob)).toBe(text);
    }, 30_000);

    it('keeps what was put before a kill, and nothing half put', async () => {
      const big = `'y'.repeat(30_000_000) + i`;
      await killElsewhere(
        place.script(`
          await store.putBytes('hello');
          console.log('put');
          for (let i = 0; ; i++) await store.putBytes(${big});`),
      );
      await expect(place.open().verify(HELLO)).resolves.toBeUndefined();
      const blob = await place.open().putBytes(`${'y'.repeat(30_000_000)}0`);
      await expect(place.open().verify(blob)).resolves.toBeUndefined();
    }, 30_000);
  });
}
