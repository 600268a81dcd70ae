// Blobs on files in DVC 3's cache layout: <folder>/<2 hex>/<30 hex of the md5>. They are read-only, written under a
// temporary name and renamed, and verified whenever they are opened.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  appError,
  asDiskError,
  createTemporaryName,
  errorCodeOf,
  hashMd5,
  listFolder,
  makeFolder,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import type { BlobName, BlobStore, StoredBlob } from './blob-store.ts';

/** Opens the store in `folder`, which need not exist yet. */
export function createFileBlobStore(folder: string): BlobStore {
  return new FileBlobStore(folder);
}

class FileBlobStore implements BlobStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async has(blob: BlobName): Promise<boolean> {
    return statSync(this.#locate(blob), { throwIfNoEntry: false })?.size === blob.sizeBytes;
  }

  async putBytes(data: Uint8Array | string): Promise<BlobName> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const blob = { md5: hashMd5(bytes), sizeBytes: bytes.byteLength };
    if (await this.#isIntact(blob)) return this.#renew(blob);
    writeFileAtomic(this.#locate(blob), bytes);
    chmodSync(this.#locate(blob), 0o444);
    return blob;
  }

  async putFile(path: string, { move = false }: { readonly move?: boolean } = {}): Promise<BlobName> {
    const blob = await hashWithSize(path);
    if (!(await this.#isIntact(blob))) {
      this.#place(path, this.#locate(blob), move);
      return this.#renew(blob); // a moved file keeps its own time
    }
    if (move) rmSync(path);
    return this.#renew(blob);
  }

  async verify(blob: BlobName): Promise<void> {
    const path = this.#locate(blob);
    const corrupt = (expected: string, got: string): Error =>
      appError('FILE_CORRUPT', { path, expected, got, remedy: 'veracity data prepare' });
    const found = await hashWithSize(path);
    if (found.sizeBytes !== blob.sizeBytes)
      throw corrupt(`${blob.sizeBytes} bytes`, `${found.sizeBytes} bytes`);
    if (found.md5 !== blob.md5) throw corrupt(`md5 ${blob.md5}`, `md5 ${found.md5}`);
  }

  async *open(blob: BlobName): AsyncGenerator<Buffer> {
    await this.verify(blob);
    for await (const chunk of createReadStream(this.#locate(blob), { highWaterMark: 1 << 20 }))
      yield chunk as Buffer;
  }

  async materialize(blob: BlobName): Promise<string> {
    const path = this.#locate(blob);
    if (!existsSync(path)) throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
    return path;
  }

  async list(): Promise<StoredBlob[]> {
    const blobs: StoredBlob[] = [];
    for (const first of listFolder(this.#root)) {
      if (!/^[0-9a-f]{2}$/.test(first)) continue;
      for (const rest of listFolder(join(this.#root, first))) {
        if (!/^[0-9a-f]{30}$/.test(rest)) continue;
        const stat = statSync(join(this.#root, first, rest), { throwIfNoEntry: false });
        if (stat?.isFile()) blobs.push({ md5: first + rest, sizeBytes: stat.size, putMs: stat.mtimeMs });
      }
    }
    return blobs;
  }

  async delete(blob: BlobName): Promise<void> {
    rmSync(this.#locate(blob), { force: true });
  }

  /** Marks the blob as put now. */
  #renew(blob: BlobName): BlobName {
    const now = new Date();
    utimesSync(this.#locate(blob), now, now);
    return blob;
  }

  #locate({ md5 }: BlobName): string {
    return join(this.#root, md5.slice(0, 2), md5.slice(2));
  }

  /** A blob of the right size may still be damaged; putting it again replaces it. */
  async #isIntact(blob: BlobName): Promise<boolean> {
    return (await this.has(blob)) && hashMd5(readFileSync(this.#locate(blob))) === blob.md5;
  }

  #place(path: string, target: string, move: boolean): void {
    makeFolder(dirname(target));
    const temporary = move ? path : createTemporaryName(target);
    try {
      if (!move) copyFileSync(path, temporary);
      flush(temporary);
      chmodSync(temporary, 0o444);
      renameSync(temporary, target);
    } catch (error) {
      if (!move) rmSync(temporary, { force: true });
      throw asDiskError(error, target);
    }
  }
}

async function hashWithSize(path: string): Promise<BlobName> {
  if (!existsSync(path)) throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
  const hash = createHash('md5');
  let sizeBytes = 0;
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          sizeBytes += chunk.byteLength;
          hash.update(chunk);
        }
      },
    );
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
    throw error;
  }
  return { md5: hash.digest('hex'), sizeBytes };
}

function flush(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
