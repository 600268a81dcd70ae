// events.jsonl of a run: one event a line, only ever appended (core/line-log.ts), but for what a resume takes back.
import { writeFileAtomic } from '../../foundation/core/index.ts';
import {
  appendRecordLine,
  loadRecordLines,
  type RunEvent,
  runEventRecord,
} from '../../foundation/records/index.ts';

/**
 * Appends one event. Step events are left to the system's cache; whatever else happens is flushed to the disk.
 * @throws DISK_FULL
 */
export function appendEvent(path: string, event: RunEvent): void {
  appendRecordLine(runEventRecord, path, event, { flushed: event.type !== 'step' });
}

/**
 * All whole events in order; none if there is no file.
 * @throws RECORD_INVALID when a line before the last is not an event
 */
export function loadEvents(path: string): RunEvent[] {
  return loadRecordLines(runEventRecord, path);
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
