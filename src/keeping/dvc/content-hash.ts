// The md5 of bytes as DVC takes it. DVC 3 hashes the bytes. DVC 2 hashes text as if its lines ended in LF, so that a file
// has one name on every system. What is text is told from 512 bytes: DVC 2 (2.58) looks once, at the beginning; DVC 3 looks
// again for each MiB when it reads such data. Both names are right for a file that is text in one part and none in another.
// Source: dvc-data 0.51 and 3.18, hashfile/hash.py and hashfile/istextfile.py.
import { createHash, type Hash } from 'node:crypto';

/** How a file's md5 is taken: of its bytes, or as DVC 2 does it. */
export type HashKind = 'md5' | 'md5-dos2unix';

/** The size of the pieces that DVC reads: a CRLF across two of them stays. */
export const PIECE_BYTES = 2 ** 20;
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

/** Whether a hash is the one that a pointer or a manifest names, with or without `.dir`. */
export function isHash({ md5, otherMd5 }: FileHash, name: string): boolean {
  const wanted = name.slice(0, 32);
  return md5 === wanted || otherMd5 === wanted;
}

/** Hashes bytes that come in parts of any size. */
export class ContentHash {
  readonly #hash = createHash('md5');
  /** As DVC 2 itself does it; null: the bytes are hashed as they are. */
  readonly #once: Hash | null;
  /** The piece that is not full yet. */
  readonly #piece: Buffer;
  #filled = 0;
  #isText: boolean | null = null;
  #sizeBytes = 0;

  constructor(kind: HashKind) {
    this.#once = kind === 'md5' ? null : createHash('md5');
    this.#piece = Buffer.allocUnsafe(kind === 'md5' ? 0 : PIECE_BYTES);
  }

  update(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.byteLength;
    if (this.#once === null) {
      this.#hash.update(bytes);
      return;
    }
    for (let at = 0; at < bytes.byteLength; ) {
      const part = bytes.subarray(at, at + PIECE_BYTES - this.#filled);
      this.#piece.set(part, this.#filled);
      at += part.byteLength;
      this.#filled += part.byteLength;
      if (this.#filled === PIECE_BYTES) this.#hashPiece(this.#once);
    }
  }

  /** Nothing can be added afterwards. */
  finish(): FileHash {
    if (this.#once !== null && this.#filled > 0) this.#hashPiece(this.#once);
    const md5 = this.#hash.digest('hex');
    const once = this.#once?.digest('hex') ?? md5;
    const found = { md5, sizeBytes: this.#sizeBytes };
    return once === md5 ? found : { ...found, otherMd5: once };
  }

  #hashPiece(once: Hash): void {
    const piece = this.#piece.subarray(0, this.#filled);
    const isPieceText = isText(piece.subarray(0, PROBE_BYTES));
    this.#isText ??= isPieceText;
    const converted = isPieceText || this.#isText ? convertPiece(piece) : piece;
    this.#hash.update(isPieceText ? converted : piece);
    once.update(this.#isText ? converted : piece);
    this.#filled = 0;
  }
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
