import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileBlobStore } from './file-blob-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(chunks: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

describe('blob store', () => {
  it("names a blob by its md5 in DVC's layout, read-only", async () => {
    const store = createFileBlobStore(join(folder, 'files', 'md5'));
    const blob = await store.putBytes('hello');
    expect(blob).toEqual({ md5: '5d41402abc4b2a76b9719d911017c592', sizeBytes: 5 });
    const path = join(folder, 'files/md5/5d/41402abc4b2a76b9719d911017c592');
    expect(readFileSync(path, 'utf8')).toBe('hello');
    expect(statSync(path).mode & 0o777).toBe(0o444);
  });

  it('gives back what was put, as bytes or as a file, and keeps one copy', async () => {
    const store = createFileBlobStore(folder);
    const path = join(folder, 'raw.txt');
    writeFileSync(path, 'one, two\nthree');
    const copied = await store.putFile(path);
    expect(readFileSync(path, 'utf8')).toBe('one, two\nthree');
    const moved = await store.putFile(path, { move: true });
    expect(moved).toEqual(copied);
    expect(await store.putBytes('one, two\nthree')).toEqual(copied);
    expect(await readAll(store.open(copied))).toBe('one, two\nthree');
    expect(readdirSync(folder)).toEqual([copied.md5.slice(0, 2)]);
  });

  it('refuses a changed, a cut and a missing blob', async () => {
    const store = createFileBlobStore(folder);
    const blob = await store.putBytes('hello');
    const path = await store.materialize(blob);
    chmodSync(path, 0o644);
    writeFileSync(path, 'hellO');
    await expect(readAll(store.open(blob))).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    writeFileSync(path, 'hell');
    await expect(store.verify(blob)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    expect(await store.has(blob)).toBe(false);
    rmSync(path);
    await expect(store.verify(blob)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('puts a damaged blob right when its bytes are put again', async () => {
    const store = createFileBlobStore(folder);
    const blob = await store.putBytes('hello');
    const path = await store.materialize(blob);
    chmodSync(path, 0o644);
    writeFileSync(path, 'hellO');
    await store.putBytes('hello');
    await expect(store.verify(blob)).resolves.toBeUndefined();
  });
});
