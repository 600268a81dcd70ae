// Hashes a file, or bytes that are all there.
import { closeSync, openSync, readSync } from 'node:fs';
import { ContentHash, type FileHash, type HashKind, PIECE_BYTES } from './content-hash.ts';

/** Hashes a file piece by piece, on this thread. */
export function hashFileSync(path: string, kind: HashKind): FileHash {
  const hash = new ContentHash(kind);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece))
      hash.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.finish();
}

export function hashBytes(bytes: Uint8Array, kind: HashKind): FileHash {
  const hash = new ContentHash(kind);
  hash.update(bytes);
  return hash.finish();
}
