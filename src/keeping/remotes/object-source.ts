// Reads local files that become objects.
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { appError, asSystemError, errorCodeOf } from '../../foundation/core/index.ts';

const SMALL_BYTES = 512 * 1024;
const PIECE_BYTES = 1024 * 1024;

/**
 * The bytes of a file from `startByte` on. What is small is read at once: a stream takes longer to set up than to read it.
 * @throws FILE_NOT_FOUND, SYSTEM_REFUSED
 */
export async function openFileStream(path: string, startByte: number): Promise<Readable> {
  const file = openHere(path);
  let bytes: Buffer;
  try {
    const { size } = fstatSync(file);
    if (size - startByte > SMALL_BYTES)
      return createReadStream(path, { fd: file, start: startByte, highWaterMark: PIECE_BYTES });
    bytes = readFrom(file, startByte, size);
  } catch (error) {
    closeSync(file);
    throw asSystemError(error, path, 'read');
  }
  closeSync(file);
  return Readable.from(bytes.length === 0 ? [] : [bytes]);
}

function readFrom(file: number, startByte: number, endByte: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, endByte - startByte));
  let at = 0;
  while (at < bytes.length) {
    const count = readSync(file, bytes, at, bytes.length - at, startByte + at);
    if (count === 0) break;
    at += count;
  }
  return bytes.subarray(0, at);
}

function openHere(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
    throw asSystemError(error, path, 'read');
  }
}

/** @throws FILE_NOT_FOUND, SYSTEM_REFUSED */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
    throw asSystemError(error, path, 'read');
  }
}

/** Reads until the buffer is full or the file ends. @returns how many bytes were read */
export async function fillBuffer(file: FileHandle, bytes: Buffer, position: number): Promise<number> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}
