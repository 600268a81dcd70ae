// Receives the bytes of an object into a file: under a temporary name first, compared with their md5, flushed, then put in
// place. What an earlier try has left of a large file is continued. Memory does not grow with the size of the file.
import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs';
import { chmod, type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { appError, createTemporaryName, errorCodeOf, makeFolder } from '../../foundation/core/index.ts';
import { ContentHash, isHash } from '../dvc/index.ts';
import { leavePartialFile, takePartialFile } from './partial-file.ts';

/** A larger file is received piece by piece, and can be continued. */
export const SMALL_BYTES = 512 * 1024;
const PIECE_BYTES = 1024 * 1024;
/** No byte for so long: the connection is given up. */
const SILENCE_MS = 60_000;
const ZEROS = Buffer.alloc(PIECE_BYTES);

export interface Reception<T> {
  /** What messages call the object. */
  readonly name: string;
  /** The temporary file lies beside this path; large ones of the same path are continued. */
  readonly beside: string;
  readonly sizeBytes: number | null;
  readonly md5: string;
  readonly check?: 'md5' | 'md5-dos2unix' | undefined;
  readonly open: (startByte: number) => Promise<Readable>;
  /** Puts the whole, checked file where it belongs; afterwards the temporary file is gone. */
  readonly place: (temporary: string) => Promise<T>;
  readonly signal?: AbortSignal | undefined;
  /** Negative where bytes of an earlier try turn out to be useless. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Receives a file.
 * @throws REMOTE_OBJECT_CORRUPT if other bytes arrive than the md5 says, what `open` throws, errors of the file system, and the signal's reason
 */
export async function receiveFile<T>(reception: Reception<T>): Promise<T> {
  makeFolder(dirname(reception.beside));
  const { sizeBytes } = reception;
  // Most files whose size nobody knows are small: DVC's lists of files have no sizes.
  if (sizeBytes === null || sizeBytes <= SMALL_BYTES) {
    const received = await receiveSmall(reception);
    if (received !== null) return received.placed;
  }
  return receiveLarge(reception);
}

/** Null if the size was unknown and turns out to be large. */
async function receiveSmall<T>(reception: Reception<T>): Promise<{ readonly placed: T } | null> {
  const { sizeBytes, signal, onBytes, check = 'md5' } = reception;
  const hash = new ContentHash(check);
  const pieces: Buffer[] = [];
  let received = 0;
  for await (const piece of readPieces(reception.name, await reception.open(0), signal)) {
    received += piece.length;
    if (received > SMALL_BYTES) break; // it is large, or has more than was said
    pieces.push(piece);
    hash.update(piece);
  }
  if (sizeBytes === null && received > SMALL_BYTES) return null;
  assertIntact(reception, received, hash);
  const temporary = createTemporaryName(reception.beside);
  try {
    writeSmallFile(temporary, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    onBytes?.(received);
    return { placed: await reception.place(temporary) };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a new, read-only file at once: for a small one, a thread for each step takes longer than the steps. It is not flushed:
 * a kill cannot cut it, and what a power cut does to it is found by its size and md5.
 */
export function writeSmallFile(path: string, bytes: Buffer): void {
  const file = openSync(path, 'wx', 0o444);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fchmodSync(file, 0o444); // whatever the umask
  } finally {
    closeSync(file);
  }
}

async function receiveLarge<T>(reception: Reception<T>): Promise<T> {
  const partial = takePartialFile(reception.beside);
  try {
    const isContinued = partial.sizeBytes > 0;
    try {
      await fill(reception, partial.path);
    } catch (error) {
      if (!isContinued || errorCodeOf(error) !== 'REMOTE_OBJECT_CORRUPT') throw error;
      await rm(partial.path, { force: true }); // the bytes of the earlier try may be the wrong ones
      await fill(reception, partial.path);
    }
    await chmod(partial.path, 0o444);
    return await reception.place(partial.path);
  } catch (error) {
    // What is damaged is of no use, and a full disk needs its space back; all else is continued by the next try.
    const isUseless = ['REMOTE_OBJECT_CORRUPT', 'ENOSPC', 'EDQUOT'].includes(errorCodeOf(error) ?? '');
    if (isUseless) await rm(partial.path, { force: true });
    throw error;
  } finally {
    leavePartialFile(partial.path);
  }
}

/** Appends to the partial file what is missing. */
async function fill<T>(reception: Reception<T>, path: string): Promise<void> {
  const { sizeBytes, signal, onBytes, check = 'md5' } = reception;
  const file = await open(path, 'a+').then(async (created) => {
    await created.close(); // makes the file; appending would ignore positions
    return open(path, 'r+');
  });
  let at = 0;
  try {
    const hash = new ContentHash(check);
    at = await hashPresent(file, hash, sizeBytes, signal);
    onBytes?.(at);
    if (sizeBytes === null || at < sizeBytes) {
      const pieces = readPieces(reception.name, await reception.open(at), signal);
      for await (const piece of pieces) {
        const start = at;
        at += piece.length;
        if (sizeBytes !== null && at > sizeBytes) break;
        const writing = isZero(piece) ? Promise.resolve() : writeAll(file, piece, start);
        hash.update(piece); // while the piece is being written
        await writing;
        onBytes?.(piece.length);
      }
    }
    assertIntact(reception, at, hash);
    await file.truncate(at); // zeros at the end were not written
    await file.sync();
  } catch (error) {
    if (errorCodeOf(error) === 'REMOTE_OBJECT_CORRUPT') onBytes?.(-at);
    throw error;
  } finally {
    await file.close();
  }
}

/** Hashes what an earlier try has left; a file that is already too long is emptied. @returns its size */
async function hashPresent(
  file: FileHandle,
  hash: ContentHash,
  sizeBytes: number | null,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { size } = await file.stat();
  if (sizeBytes !== null && size > sizeBytes) {
    await file.truncate(0);
    return 0;
  }
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  while (at < size) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return at;
}

/** The pieces of a stream; it is closed when the loop ends, when the signal is aborted, or after a minute of silence. */
async function* readPieces(
  name: string,
  stream: Readable,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let lastMs = performance.now();
  const stop = (): void => void stream.destroy(signal?.reason);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const watchdog = setInterval(() => {
    if (performance.now() - lastMs > SILENCE_MS)
      stream.destroy(appError('REMOTE_UNREACHABLE', { url: name, reason: 'no byte for 60 s' }));
  }, 1000);
  try {
    for await (const piece of stream) {
      yield piece as Buffer;
      lastMs = performance.now();
    }
    signal?.throwIfAborted();
  } finally {
    clearInterval(watchdog);
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

function assertIntact<T>({ name, sizeBytes, md5 }: Reception<T>, received: number, hash: ContentHash): void {
  const corrupt = (expected: string, got: string): Error =>
    appError('REMOTE_OBJECT_CORRUPT', { name, expected, got });
  if (sizeBytes !== null && received !== sizeBytes)
    throw corrupt(`${sizeBytes} bytes`, received > sizeBytes ? 'more' : `${received}`);
  const found = hash.finish();
  if (!isHash(found, md5)) throw corrupt(`md5 ${md5}`, `md5 ${found.md5}`);
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/** A piece of zeros becomes a hole of the file. */
function isZero(piece: Buffer): boolean {
  if (piece.length < 4096 || piece[0] !== 0 || piece.length > ZEROS.length) return false;
  return piece.equals(ZEROS.subarray(0, piece.length));
}
