// An append-only file of lines. A crash or a full disk can leave an incomplete last line: it is not read, and it is removed
// before the next append, so that all other lines are complete.
import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { asDiskError, errorCodeOf } from './system-error.ts';

/**
 * Appends one line, which must not hold a line break; creates the file and its folder.
 * @param flushed  if false, the line may be lost when the machine crashes
 * @throws DISK_FULL, SYSTEM_REFUSED; may leave an incomplete line: remove it before the next append
 */
export function appendLine(path: string, line: string, { flushed }: { flushed: boolean }): void {
  try {
    if (!flushed) {
      appendFileSync(path, `${line}\n`);
      return;
    }
    makeFolder(dirname(path));
    const file = openSync(path, 'a');
    try {
      appendFileSync(file, `${line}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asDiskError(error, path);
  }
}

/** Appends lines with one write, flushed to the disk. @throws as appendLine */
export function appendLines(path: string, lines: readonly string[]): void {
  if (lines.length > 0) appendLine(path, lines.join('\n'), { flushed: true });
}

/** Reads the complete lines in order; none if there is no file. */
export function readLines(path: string): string[] {
  const bytes = readBytes(path);
  return bytes.toString('utf8', 0, countWholeBytes(bytes)).split('\n').slice(0, -1);
}

/**
 * Removes an incomplete last line, so that the next append starts a new line. A tail that grows meanwhile stays: another
 * process is appending it.
 */
export function cutTornLine(path: string): void {
  const before = measure(path);
  if (before.wholeBytes === before.sizeBytes) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, APPEND_MS);
  const after = measure(path);
  if (after.sizeBytes === before.sizeBytes) truncateSync(path, after.wholeBytes);
}

/** Longer than a process takes to append a line. */
const APPEND_MS = 20;

function measure(path: string): { sizeBytes: number; wholeBytes: number } {
  const bytes = readBytes(path);
  return { sizeBytes: bytes.length, wholeBytes: countWholeBytes(bytes) };
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
