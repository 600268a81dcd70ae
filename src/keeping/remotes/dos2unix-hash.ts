// Hashes of arriving bytes: md5, or md5 as DVC 2 takes it of text: with LF for CRLF. DVC reads pieces of 1 MiB; text has no NUL
// and at most 30% other bytes among its first 512. DVC 2 decides once, by the first piece; DVC 3 reads such data and decides anew
// for each piece. Both names are right. A CRLF between two pieces stays.
// Source: dvc-data 0.51 and 3.18, hashfile/hash.py and istextfile.py (behaviour).
import { createHash, type Hash } from 'node:crypto';

export interface ContentHash {
  update(bytes: Buffer): void;
  /** The md5 that the bytes have, as hex digits: `wanted` if it is one of theirs. Nothing can be added afterwards. */
  finish(wanted: string): string;
}

const PIECE_BYTES = 1024 * 1024;
const LOOKED_AT_BYTES = 512;
const CR = 13;
const LF = 10;

export function createContentHash(check: 'md5' | 'md5-dos2unix'): ContentHash {
  const hash = createHash('md5');
  if (check === 'md5-dos2unix') return new Dos2UnixHash(hash);
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest('hex') };
}

class Dos2UnixHash implements ContentHash {
  readonly #hash: Hash;
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  /** As DVC 2 itself does it. */
  readonly #once = createHash('md5');
  #isText: boolean | null = null;
  #filled = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#piece, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === PIECE_BYTES) this.#hashPiece();
    }
  }

  finish(wanted: string): string {
    this.#hashPiece();
    const md5 = this.#hash.digest('hex');
    return this.#once.digest('hex') === wanted ? wanted : md5;
  }

  #hashPiece(): void {
    const piece = this.#piece.subarray(0, this.#filled);
    const isPieceText = isText(piece.subarray(0, LOOKED_AT_BYTES));
    this.#isText ??= isPieceText;
    if (!isPieceText) this.#hash.update(piece);
    if (!this.#isText) this.#once.update(piece);
    if (isPieceText || this.#isText) {
      const converted = withoutReturns(piece);
      if (isPieceText) this.#hash.update(converted);
      if (this.#isText) this.#once.update(converted);
    }
    this.#filled = 0;
  }
}

/** Printable ASCII, and \n \r \t \f \b. */
function isText(bytes: Buffer): boolean {
  let other = 0;
  for (const byte of bytes) {
    if (byte === 0) return false;
    const isPlain =
      (byte >= 32 && byte < 127) || byte === LF || byte === CR || byte === 9 || byte === 12 || byte === 8;
    if (!isPlain) other++;
  }
  return other <= 0.3 * bytes.length;
}

/** In place: the piece is not needed any more. */
function withoutReturns(piece: Buffer): Buffer {
  let end = 0;
  for (let at = 0; at < piece.length; at++) {
    const byte = piece[at]!;
    if (byte === CR && piece[at + 1] === LF) continue;
    piece[end++] = byte;
  }
  return piece.subarray(0, end);
}
