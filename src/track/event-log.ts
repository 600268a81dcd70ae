// events.jsonl: one event a line, only ever appended. A crash can tear the last line: it is ignored when read and
// cut off before the next append, so that every line but a torn last one is whole.
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { asDiskError, errorCodeOf, writeFileAtomic } from '../core/atomic-file.ts';
import { parseRecord } from '../records/record.ts';
import { type RunEvent, runEventRecord } from '../records/run.ts';

/**
 * Appends one event. Step events are left to the system's cache; whatever else happens is flushed to the disk.
 * @throws DISK_FULL
 */
export function appendEvent(path: string, event: RunEvent): void {
  const line = `${JSON.stringify(runEventRecord.schema.parse(event))}\n`;
  try {
    if (event.type === 'step') {
      appendFileSync(path, line);
      return;
    }
    const file = openSync(path, 'a');
    try {
      writeSync(file, line);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asDiskError(error, path);
  }
}

/**
 * All whole events in order; none if there is no file.
 * @throws RECORD_INVALID when a line before the last is not an event
 */
export function loadEvents(path: string): RunEvent[] {
  const { lines } = readLines(path);
  return lines.map((line, i) => parseRecord(runEventRecord, line, `${path}:${i + 1}`));
}

/** Cuts a torn last line off, so that appending cannot grow it into a broken one. */
export function repairEventLog(path: string): void {
  const { torn, wholeBytes } = readLines(path);
  if (torn) truncateSync(path, wholeBytes);
}

/**
 * Keeps what led to the checkpoint at `step`: drops later steps, evaluations and checkpoints, and that checkpoint's
 * own event (a resumed run says it again, for the crash may have come before it was logged). What tells of
 * processes (started, stopped, failed) is history and stays.
 */
export function truncateEvents(path: string, step: number): void {
  const kept = loadEvents(path).filter((event) => {
    if (event.type === 'step' || event.type === 'eval') return event.step <= step;
    return event.type !== 'checkpoint' || event.step < step;
  });
  writeFileAtomic(path, kept.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

function readLines(path: string): { lines: string[]; torn: boolean; wholeBytes: number } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return { lines: [], torn: false, wholeBytes: 0 };
    throw error;
  }
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  return { lines, torn: wholeBytes < bytes.length, wholeBytes };
}
