import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeBlobStore } from '../../../test/conformance/blob-store.ts';
import { builtModule } from '../../../test/conformance/place.ts';
import type { BlobName } from './blob-store.ts';
import { createFileBlobStore } from './file-blob-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describeBlobStore('a blob store on files', () => {
  const root = mkdtempSync(join(tmpdir(), 'veracity-blobs-'));
  const pathOf = ({ md5 }: BlobName): string => join(root, md5.slice(0, 2), md5.slice(2));
  return {
    open: () => createFileBlobStore(root),
    script: (body) => `
      import { createFileBlobStore } from '${builtModule('keeping/blobs/index.js')}';
      const store = createFileBlobStore(${JSON.stringify(root)});
      ${body}`,
    damage: (blob, bytes) => {
      chmodSync(pathOf(blob), 0o644);
      writeFileSync(pathOf(blob), bytes);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
});

describe('blobs on files', () => {
  it("names a blob by its md5 in DVC's layout, read-only", async () => {
    const store = createFileBlobStore(join(folder, 'files', 'md5'));
    const blob = await store.putBytes('hello');
    expect(blob).toEqual({ md5: '5d41402abc4b2a76b9719d911017c592', sizeBytes: 5 });
    const path = join(folder, 'files/md5/5d/41402abc4b2a76b9719d911017c592');
    expect(readFileSync(path, 'utf8')).toBe('hello');
    expect(statSync(path).mode & 0o777).toBe(0o444);
  });

  it('returns stored bytes and files, and keeps one copy', async () => {
    const store = createFileBlobStore(folder);
    const path = join(folder, 'raw.txt');
    writeFileSync(path, 'one, two\nthree');
    const copied = await store.putFile(path);
    expect(readFileSync(path, 'utf8')).toBe('one, two\nthree');
    const moved = await store.putFile(path, { move: true });
    expect(moved).toEqual(copied);
    expect(await store.putBytes('one, two\nthree')).toEqual(copied);
    expect(readdirSync(folder)).toEqual([copied.md5.slice(0, 2)]);
  });
});
