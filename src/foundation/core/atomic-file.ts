// Atomic writing: content is written under a temporary name in the same folder, flushed, then renamed. Readers see the old
// or the new content, never a part. A failed write leaves the old content.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { asDiskError, asSystemError, errorCodeOf } from './system-error.ts';
import { createTemporaryName } from './temporary-name.ts';

/**
 * Replaces `path` by `data`, flushed to the disk. Creates missing folders.
 * @throws DISK_FULL, SYSTEM_REFUSED
 */
export function writeFileAtomic(path: string, data: string | Uint8Array | readonly Uint8Array[]): void {
  makeFolder(dirname(path));
  const temporary = createTemporaryName(path);
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
 * Removes a folder: it is renamed to a temporary name first, so that readers see the whole folder or none and a kill leaves
 * only a leftover. Does nothing if it is not there.
 * @throws SYSTEM_REFUSED
 */
export function removeFolder(path: string): void {
  const temporary = createTemporaryName(path);
  try {
    renameSync(path, temporary);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return;
    throw asSystemError(error, path, 'delete');
  }
  rmSync(temporary, { recursive: true, force: true });
}

/**
 * Fills a folder under a temporary name, then renames it to `path`.
 * @returns false if `path` already exists, for example because another writer was faster: its content stays
 * @throws DISK_FULL, SYSTEM_REFUSED
 */
export async function createFolderAtomic(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<boolean> {
  const temporary = createTemporaryName(path);
  makeFolder(temporary);
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
