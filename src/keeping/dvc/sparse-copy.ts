// Copies a large file. Where the file has holes, the copy gets holes as well: writing gigabytes of zeros takes seconds.
import {
  closeSync,
  constants,
  copyFileSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';

const PIECE_BYTES = 2 ** 20;
const ZEROS = Buffer.alloc(PIECE_BYTES);
/** `blocks` of a file counts in these, whatever the file system. */
const BLOCK_BYTES = 512;

/** Copies to a new file, as a clone where the file system can. Not atomic: use a temporary name. */
export function copyLargeFile(from: string, to: string): void {
  const { size, blocks } = statSync(from);
  const hasHoles = blocks > 0 ? blocks * BLOCK_BYTES < size - PIECE_BYTES : size > PIECE_BYTES;
  if (!hasHoles) {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    return;
  }
  const source = openSync(from, 'r');
  try {
    const target = openSync(to, 'wx', 0o666);
    try {
      copyPieces(source, target);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function copyPieces(source: number, target: number): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  for (let read = readSync(source, piece); read > 0; read = readSync(source, piece)) {
    const bytes = piece.subarray(0, read);
    if (!bytes.equals(ZEROS.subarray(0, read)))
      for (let done = 0; done < read; ) done += writeSync(target, bytes, done, read - done, at + done);
    at += read;
  }
  ftruncateSync(target, at); // a hole at the end has no bytes that were written
}
