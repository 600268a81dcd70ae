// Temporary files that are written once from front to back and then read: rows in progress, signatures, splits.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { asDiskError } from '../../foundation/core/index.ts';

const BUFFER_BYTES = 1 << 20;
const LF = 0x0a;

export interface ScratchWriter {
  readonly path: string;
  write(data: Uint8Array): void;
  /** Flushes the buffer, closes the file and returns its size. */
  close(): number;
}

/** Creates a writer for a new file. @throws DISK_FULL when a buffer cannot be written */
export function createScratchWriter(path: string): ScratchWriter {
  const file = openSync(path, 'w');
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let used = 0;
  let sizeBytes = 0;
  const writeAll = (data: Uint8Array): void => {
    try {
      for (let offset = 0; offset < data.byteLength; ) offset += writeSync(file, data, offset);
    } catch (error) {
      closeSync(file);
      throw asDiskError(error, path);
    }
  };
  const flush = (): void => {
    writeAll(buffer.subarray(0, used));
    used = 0;
  };
  return {
    path,
    write: (data) => {
      sizeBytes += data.byteLength;
      if (used + data.byteLength > BUFFER_BYTES) flush();
      if (data.byteLength > BUFFER_BYTES) writeAll(data);
      else {
        buffer.set(data, used);
        used += data.byteLength;
      }
    },
    close: () => {
      flush();
      closeSync(file);
      return sizeBytes;
    },
  };
}

/** Yields the lines of a file without their line breaks; the bytes are valid until the next line is read. */
export function* readScratchLines(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let used = 0;
    for (;;) {
      if (used === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const read = readSync(file, buffer, used, buffer.length - used, null);
      used += read;
      let start = 0;
      for (let end = indexOfLine(buffer, start, used); end !== -1; end = indexOfLine(buffer, start, used)) {
        yield buffer.subarray(start, end);
        start = end + 1;
      }
      buffer.copyWithin(0, start, used);
      used -= start;
      if (read === 0) return;
    }
  } finally {
    closeSync(file);
  }
}

function indexOfLine(buffer: Buffer, from: number, to: number): number {
  const at = buffer.subarray(from, to).indexOf(LF);
  return at === -1 ? -1 : from + at;
}

/** A file of records of a fixed number of 32-bit integers, which are read by their position. */
export interface ScratchRecords {
  read(record: number, out: Int32Array): void;
  close(): void;
}

export function openScratchRecords(path: string): ScratchRecords {
  const file = openSync(path, 'r');
  return {
    read: (record, out) => {
      readSync(file, out, 0, out.byteLength, record * out.byteLength);
    },
    close: () => closeSync(file),
  };
}
