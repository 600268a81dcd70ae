// Content-addressed blobs in DVC 3's cache layout: <folder>/<2 hex>/<30 hex of the md5>. Blobs are read-only, written
// under a temporary name and renamed, and verified whenever they are opened.
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { appError, asDiskError, errorCodeOf, hashMd5, writeFileAtomic } from '../../foundation/core/index.ts';

/** What names a blob; the same in every store that holds it. */
export interface BlobName {
  readonly md5: string;
  readonly sizeBytes: number;
}

export interface BlobStore {
  readonly folder: string;
  /** Where the blob with this md5 lies, or would lie. */
  locate(md5: string): string;
  /** True when the blob is there with its size; its bytes are not read. */
  has(blob: BlobName): boolean;
  /** @throws DISK_FULL */
  putBytes(data: Uint8Array | string): BlobName;
  /**
   * Adds a file. `move` takes the file itself instead of a copy (only within one file system).
   * @throws FILE_NOT_FOUND, DISK_FULL
   */
  putFile(path: string, options?: { readonly move?: boolean }): Promise<BlobName>;
  /**
   * Reads the whole blob and compares size and md5.
   * @throws FILE_NOT_FOUND, FILE_CORRUPT
   */
  verify(blob: BlobName): Promise<void>;
  /**
   * Verifies the blob, then streams it.
   * @throws FILE_NOT_FOUND, FILE_CORRUPT
   */
  open(blob: BlobName): AsyncGenerator<Buffer>;
}

/** Opens the store in `folder`, which need not exist yet. */
export function createBlobStore(folder: string): BlobStore {
  const locate = (md5: string): string => join(folder, md5.slice(0, 2), md5.slice(2));
  const has = (blob: BlobName): boolean =>
    statSync(locate(blob.md5), { throwIfNoEntry: false })?.size === blob.sizeBytes;

  // A blob of the right size may still be damaged; putting it again is how it is put right.
  const isIntact = (blob: BlobName): boolean =>
    has(blob) && hashMd5(readFileSync(locate(blob.md5))) === blob.md5;

  const verify = async (blob: BlobName): Promise<void> => {
    const path = locate(blob.md5);
    const corrupt = (expected: string, got: string): Error =>
      appError('FILE_CORRUPT', { path, expected, got, remedy: 'veracity data prepare' });
    const found = await hashWithSize(path);
    if (found.sizeBytes !== blob.sizeBytes)
      throw corrupt(`${blob.sizeBytes} bytes`, `${found.sizeBytes} bytes`);
    if (found.md5 !== blob.md5) throw corrupt(`md5 ${blob.md5}`, `md5 ${found.md5}`);
  };

  return {
    folder,
    locate,
    has,
    verify,
    putBytes: (data) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      const blob = { md5: hashMd5(bytes), sizeBytes: bytes.byteLength };
      if (!isIntact(blob)) {
        writeFileAtomic(locate(blob.md5), bytes);
        chmodSync(locate(blob.md5), 0o444);
      }
      return blob;
    },
    putFile: async (path, { move = false } = {}) => {
      const blob = await hashWithSize(path);
      const target = locate(blob.md5);
      if (isIntact(blob)) {
        if (move) rmSync(path);
        return blob;
      }
      mkdirSync(join(folder, blob.md5.slice(0, 2)), { recursive: true });
      const temporary = move ? path : `${target}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
      try {
        if (!move) copyFileSync(path, temporary);
        flush(temporary);
        chmodSync(temporary, 0o444);
        renameSync(temporary, target);
      } catch (error) {
        if (!move) rmSync(temporary, { force: true });
        throw asDiskError(error, target);
      }
      return blob;
    },
    async *open(blob) {
      await verify(blob);
      for await (const chunk of createReadStream(locate(blob.md5), { highWaterMark: 1 << 20 }))
        yield chunk as Buffer;
    },
  };
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
