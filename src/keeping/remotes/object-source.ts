// Reads local files that become objects.
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
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    if (size - startByte > SMALL_BYTES)
      return file.createReadStream({ start: startByte, highWaterMark: PIECE_BYTES });
    const bytes = Buffer.allocUnsafe(Math.max(0, size - startByte));
    const read = await fillBuffer(file, bytes, startByte);
    await file.close();
    return Readable.from(read === 0 ? [] : [bytes.subarray(0, read)]);
  } catch (error) {
    await file.close();
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
