// The md5 of a file as DVC takes it. DVC 3 hashes the bytes. DVC 2 hashes text as if its lines ended in LF, so that a file
// has one name on every system. What is text is told from 512 bytes: DVC 2 (2.58) looks once, at the beginning; DVC 3 looks
// again for each MiB when it reads such data. Both names are right for a file that is text in one part and none in another.
// Source: dvc-data 0.51 and 3.18, hashfile/hash.py and hashfile/istextfile.py.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

/** How a file's md5 is taken: of its bytes, or as DVC 2 does it. */
export type HashKind = 'md5' | 'md5-dos2unix';

/** The size of the pieces that DVC reads: a CRLF across two of them stays. */
const PIECE_BYTES = 2 ** 20;
const PROBE_BYTES = 512;
/** Above this share of other bytes a piece is no text. */
const MOST_OTHER = 0.3;
const CR = 0x0d;
const LF = 0x0a;

/** A file's hash. */
export interface FileHash {
  readonly md5: string;
  readonly sizeBytes: number;
  /** The name that DVC 2 itself gives, where it differs from that of DVC 3 for DVC 2. */
  readonly otherMd5?: string;
}

/** Hashes a file piece by piece, on this thread. */
export function hashFileSync(path: string, kind: HashKind): FileHash {
  const hasher = new PieceHasher(kind);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let read = readPiece(file, piece); read > 0; read = readPiece(file, piece))
      hasher.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hasher.finish();
}

/** Hashes bytes that are all there. */
export function hashBytes(bytes: Uint8Array, kind: HashKind): FileHash {
  const hasher = new PieceHasher(kind);
  for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES)
    hasher.update(bytes.subarray(start, start + PIECE_BYTES));
  return hasher.finish();
}

/** Whether a hash is the one that a pointer or a manifest names, with or without `.dir`. */
export function isHash({ md5, otherMd5 }: FileHash, name: string): boolean {
  const wanted = name.slice(0, 32);
  return md5 === wanted || otherMd5 === wanted;
}

class PieceHasher {
  readonly #kind: HashKind;
  readonly #hash = createHash('md5');
  /** As DVC 2 itself does it. */
  readonly #once: Hash | null;
  #isText: boolean | null = null;
  #sizeBytes = 0;

  constructor(kind: HashKind) {
    this.#kind = kind;
    this.#once = kind === 'md5' ? null : createHash('md5');
  }

  update(piece: Uint8Array): void {
    this.#sizeBytes += piece.byteLength;
    if (this.#once === null) {
      this.#hash.update(piece);
      return;
    }
    const isPieceText = isText(piece.subarray(0, PROBE_BYTES));
    this.#isText ??= isPieceText;
    const converted = isPieceText || this.#isText ? convertPiece(piece) : piece;
    this.#hash.update(isPieceText ? converted : piece);
    this.#once.update(this.#isText ? converted : piece);
  }

  finish(): FileHash {
    const md5 = this.#hash.digest('hex');
    const once = this.#once?.digest('hex') ?? md5;
    const found = { md5, sizeBytes: this.#sizeBytes };
    return this.#kind === 'md5' || once === md5 ? found : { ...found, otherMd5: once };
  }
}

/** Fills the buffer unless the file ends: a short read must not move the borders of the pieces. */
function readPiece(file: number, piece: Buffer): number {
  let filled = 0;
  while (filled < piece.byteLength) {
    const read = readSync(file, piece, filled, piece.byteLength - filled, null);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** With LF for CRLF. */
function convertPiece(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.byteLength);
  let length = 0;
  for (let i = 0; i < bytes.byteLength; i++) {
    if (bytes[i] === CR && bytes[i + 1] === LF) continue;
    out[length++] = bytes[i]!;
  }
  return out.subarray(0, length);
}

function isText(probe: Uint8Array): boolean {
  let others = 0;
  for (const byte of probe) {
    if (byte === 0) return false;
    const isPlain = (byte >= 32 && byte < 127) || (byte >= 8 && byte <= 10) || byte === 12 || byte === CR;
    if (!isPlain) others++;
  }
  return others / probe.byteLength <= MOST_OTHER;
}
