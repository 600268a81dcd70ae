// A file that grows from export to export. What lies behind the size that the last export recorded is cut off before
// anything is appended: a killed export left it, or it says how the run stood at that time.
import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asDiskError, makeFolder } from '../../foundation/core/index.ts';

/** True if the file is there with at least this size. */
export function hasBytes(path: string, sizeBytes: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size >= sizeBytes;
}

/** Cuts the file at `sizeBytes` and appends `parts`, flushed. @throws DISK_FULL, SYSTEM_REFUSED */
export function writeFrom(path: string, sizeBytes: number, parts: readonly Uint8Array[]): void {
  try {
    makeFolder(dirname(path));
    const file = openSync(path, sizeBytes === 0 ? 'w' : 'r+');
    try {
      ftruncateSync(file, sizeBytes);
      let position = sizeBytes;
      for (const part of parts)
        for (let offset = 0; offset < part.byteLength; ) {
          const written = writeSync(file, part, offset, part.byteLength - offset, position);
          offset += written;
          position += written;
        }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asDiskError(error, path);
  }
}
