// The log of a `.wandb` file: a header of 7 bytes, then blocks of 32 KiB with records in LevelDB's log format. A record
// that does not fit in the rest of its block goes on in the next; a rest too small for a header is filled with zeros.
// Unlike LevelDB's, the checksum is a plain CRC-32, and the first block is 7 bytes shorter because of the header.
// Source: LevelDB doc/log_format.md; tried with wandb 0.31.
import { crc32 } from 'node:zlib';

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

/** ":W&B", the magic number 0xBEE1, version 0. */
export const WANDB_FILE_HEADER = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00);

/** The bytes that append one record to a log that has `sizeBytes` bytes, its file header included. */
export function frameLogRecord(data: Uint8Array, sizeBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let position = sizeBytes;
  let offset = 0;
  let isFirst = true;
  do {
    let room = BLOCK_BYTES - (position % BLOCK_BYTES);
    if (room < HEADER_BYTES) {
      parts.push(new Uint8Array(room));
      position += room;
      room = BLOCK_BYTES;
    }
    const length = Math.min(room - HEADER_BYTES, data.byteLength - offset);
    const isLast = offset + length === data.byteLength;
    const type = isFirst ? (isLast ? FULL : FIRST) : isLast ? LAST : MIDDLE;
    const chunk = Buffer.alloc(HEADER_BYTES + length);
    chunk.writeUInt16LE(length, 4);
    chunk[6] = type;
    chunk.set(data.subarray(offset, offset + length), HEADER_BYTES);
    chunk.writeUInt32LE(crc32(chunk.subarray(6)), 0);
    parts.push(chunk);
    position += chunk.byteLength;
    offset += length;
    isFirst = false;
  } while (offset < data.byteLength);
  return Buffer.concat(parts);
}
