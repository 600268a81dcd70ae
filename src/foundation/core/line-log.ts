// An append-only file of lines. A crash can leave an incomplete last line: it is not read, and it is removed before the
// next append, so that all other lines are complete.
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { asDiskError, errorCodeOf } from './atomic-file.ts';

/**
 * Appends one line, which must not hold a line break; creates the file and its folder.
 * @param flushed  if false, the line may be lost when the machine crashes
 * @throws DISK_FULL
 */
export function appendLine(path: string, line: string, { flushed }: { flushed: boolean }): void {
  try {
    if (!flushed) {
      appendFileSync(path, `${line}\n`);
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'a');
    try {
      writeSync(file, `${line}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asDiskError(error, path);
  }
}

/** Reads the complete lines in order; none if there is no file. */
export function readLines(path: string): string[] {
  const bytes = readBytes(path);
  return bytes.toString('utf8', 0, countWholeBytes(bytes)).split('\n').slice(0, -1);
}

/** Removes an incomplete last line, so that the next append starts a new line. */
export function cutTornLine(path: string): void {
  const bytes = readBytes(path);
  const whole = countWholeBytes(bytes);
  if (whole < bytes.length) truncateSync(path, whole);
}

function countWholeBytes(bytes: Buffer): number {
  return bytes.lastIndexOf(0x0a) + 1;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
