// events.jsonl of a run: one event per line. Events are appended (core/line-log.ts); only a resume removes some.
import { writeFileAtomic } from '../../foundation/core/index.ts';
import {
  appendRecordLine,
  loadRecordLines,
  type RunEvent,
  runEventRecord,
} from '../../foundation/records/index.ts';

/**
 * Appends one event. Step events stay in the system's cache; all other events are flushed to the disk.
 * @throws DISK_FULL
 */
export function appendEvent(path: string, event: RunEvent): void {
  appendRecordLine(runEventRecord, path, event, { flushed: event.type !== 'step' });
}

/**
 * Loads the complete events in order; none if there is no file.
 * @throws RECORD_INVALID if a complete line is not an event
 */
export function loadEvents(path: string): RunEvent[] {
  return loadRecordLines(runEventRecord, path);
}

/**
 * Keeps the events that led to the checkpoint at `step`. Later steps, evaluations and checkpoints are dropped, and so is
 * the event of that checkpoint: a resumed run logs it again, because the crash may have come before it was logged.
 * `started`, `stopped` and `failed` stay.
 */
export function truncateEvents(path: string, step: number): void {
  const kept = loadEvents(path).filter((event) => {
    if (event.type === 'step' || event.type === 'eval') return event.step <= step;
    return event.type !== 'checkpoint' || event.step < step;
  });
  writeFileAtomic(path, kept.map((event) => `${JSON.stringify(event)}\n`).join(''));
}
