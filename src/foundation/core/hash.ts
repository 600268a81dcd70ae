// Content hashes. sha256 names immutable records; md5 names blobs, because DVC's cache (files/md5/…) does.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from './canonical-json.ts';

export function hashSha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export function hashMd5(data: string | Uint8Array): string {
  return createHash('md5').update(data).digest('hex');
}

/** With the default of 64 KiB, reading took longer than hashing. */
const PIECE_BYTES = 1024 * 1024;

/** Hashes the bytes of a file as a stream. */
export async function hashFile(path: string, algorithm: 'sha256' | 'md5' = 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: PIECE_BYTES }), hash);
  return hash.digest('hex');
}

/** Name of an immutable record: prefix plus the first 12 hex digits of the sha256 of its canonical JSON. */
export function contentId(prefix: string, value: unknown): string {
  return `${prefix}-${hashSha256(canonicalJson(value)).slice(0, 12)}`;
}
