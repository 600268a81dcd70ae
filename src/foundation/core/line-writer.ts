// Writes lines to an open file such as standard error, immediately and in order. A line that the system refuses (a full
// disk, a terminal that is gone, a reader that has stopped) is dropped and counted; the next line is tried as usual.
import { writeSync } from 'node:fs';
import { errorCodeOf } from './system-error.ts';

export interface LineWriter {
  write(text: string): void;
  /** From now on, calls the listener at each dropped line, and at the first line that is written after one. */
  watch(listener: LineListener): void;
}

export interface LineListener {
  /** @param reason  the system's code, such as ENOSPC */
  onLost(reason: string): void;
  onRecovered(): void;
}

type Write = (file: number, bytes: Uint8Array, offset: number) => number;

/** A reader that is only slow is given this long. */
const PATIENCE_MS = 200;
const RETRY_MS = 5;

/** @param file  an open file descriptor */
export function createLineWriter(file: number, write: Write = writeSync): LineWriter {
  let listener: LineListener | null = null;
  let isFailing = false;
  /** The last line was cut: the next one begins with a line break. */
  let isTorn = false;
  return {
    watch: (next) => {
      listener = next;
    },
    write: (text) => {
      const bytes = Buffer.from(isTorn ? `\n${text}` : text);
      const { written, reason } = writeAll(file, bytes, write, isFailing ? 0 : PATIENCE_MS);
      if (written > 0) isTorn = written < bytes.length;
      if (reason !== null) {
        isFailing = true;
        listener?.onLost(reason);
      } else if (isFailing) {
        isFailing = false;
        listener?.onRecovered();
      }
    },
  };
}

function writeAll(
  file: number,
  bytes: Buffer,
  write: Write,
  patienceMs: number,
): { written: number; reason: string | null } {
  const endMs = performance.now() + patienceMs;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += write(file, bytes, written);
    } catch (error) {
      const reason = errorCodeOf(error) ?? 'unknown';
      if (reason !== 'EAGAIN' || performance.now() > endMs) return { written, reason };
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
  return { written, reason: null };
}

/** Standard error of this process, shared by logs and messages. */
export const standardError: LineWriter = createLineWriter(2);
