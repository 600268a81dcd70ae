// events.jsonl of a run: one event per line. Lines are only appended (core/line-log.ts). A resume appends a line
// `rewound`; the events that it hides stay in the file, but are not loaded.
import {
  appendRecordLine,
  loadRecordLines,
  type RunEvent,
  type RunLogLine,
  runLogLineRecord,
} from '../../foundation/records/index.ts';
import type { Rewind } from './visible-points.ts';

/** @throws DISK_FULL */
export function appendEvent(path: string, line: RunLogLine): void {
  appendRecordLine(runLogLineRecord, path, line, { flushed: true });
}

export interface LoadedLog {
  /** The visible events in order. */
  readonly events: RunEvent[];
  readonly rewinds: Rewind[];
}

/**
 * Loads the complete events; none if there is no file.
 * @throws RECORD_INVALID if a complete line is not an event
 */
export function loadLog(path: string): LoadedLog {
  return foldLog(loadLines(path));
}

/** All lines, with those that are hidden. @throws RECORD_INVALID */
export function loadLines(path: string): RunLogLine[] {
  return loadRecordLines(runLogLineRecord, path);
}

export function foldLog(lines: readonly RunLogLine[]): LoadedLog {
  let events: RunEvent[] = [];
  const rewinds: Rewind[] = [];
  for (const line of lines) {
    if (line.type !== 'rewound') {
      events.push(line);
      continue;
    }
    rewinds.push({ attempt: rewinds.length + 2, step: line.step });
    events = events.filter((event) => isKeptByResume(event, line.step));
  }
  return { events, rewinds };
}

/**
 * Whether an event stays visible when the run is resumed at `step`: steps and evaluations that led to that checkpoint do.
 * The event of the checkpoint itself does not: a resumed run logs it again, because the crash may have come before it was
 * logged. `started`, `stopped` and `failed` stay.
 */
export function isKeptByResume(event: RunEvent, step: number): boolean {
  if (event.type === 'step' || event.type === 'eval') return event.step <= step;
  return event.type !== 'checkpoint' || event.step < step;
}
