// Atomic writing: content is written under a temporary name in the same folder, flushed, then renamed. Readers see the old
// or the new content, never a part. A failed write leaves the old content.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appError } from './errors.ts';

/**
 * Replaces `path` by `data`, flushed to the disk. Creates missing folders.
 * @throws DISK_FULL
 */
export function writeFileAtomic(path: string, data: string | Uint8Array | readonly Uint8Array[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, 'w');
    try {
      const parts =
        typeof data === 'string' ? [Buffer.from(data)] : data instanceof Uint8Array ? [data] : data;
      for (const part of parts) {
        for (let offset = 0; offset < part.byteLength; ) offset += writeSync(file, part, offset);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asDiskError(error, path);
  }
}

/**
 * Fills a folder under a temporary name, then renames it to `path`.
 * @returns false if `path` exists already, for example because another writer was faster: its content stays
 * @throws DISK_FULL
 */
export async function createFolderAtomic(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<boolean> {
  const temporary = temporaryName(path);
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await rename(temporary, path);
    return true;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const code = errorCodeOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw asDiskError(error, path);
  }
}

/** Turns "no space left" (also a quota or a file size limit) into DISK_FULL and leaves every other error as it is. */
export function asDiskError(error: unknown, path: string): unknown {
  const code = errorCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
    ? appError('DISK_FULL', { path }, { cause: error })
    : error;
}

/** The `code` of a Node.js system error, such as ENOENT. */
export function errorCodeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

function temporaryName(path: string): string {
  return `${path}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
}
