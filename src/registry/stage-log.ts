// Which version is in which stage: appended events in models/<name>/events.jsonl, never edited. Production is a
// stack: promoting puts a version on top, rolling back takes it off. A crash can tear the last line; it is ignored
// when read and cut off before the next append.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asDiskError, errorCodeOf } from '../core/atomic-file.ts';
import { type StageEvent, type StageName, stageEventRecord } from '../records/model-version.ts';
import { parseRecord } from '../records/record.ts';

/** @throws DISK_FULL */
export function appendStageEvent(path: string, event: StageEvent): void {
  const line = `${JSON.stringify(stageEventRecord.schema.parse(event))}\n`;
  mkdirSync(dirname(path), { recursive: true });
  const { wholeBytes, torn } = readWholeLines(path);
  if (torn) truncateSync(path, wholeBytes);
  try {
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
 * All whole events, oldest first; none if there is no file.
 * @throws RECORD_INVALID when a whole line is not a stage event
 */
export function loadStageEvents(path: string): StageEvent[] {
  return readWholeLines(path).lines.map((line, i) => parseRecord(stageEventRecord, line, `${path}:${i + 1}`));
}

function readWholeLines(path: string): { lines: string[]; wholeBytes: number; torn: boolean } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return { lines: [], wholeBytes: 0, torn: false };
    throw error;
  }
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  return { lines, wholeBytes, torn: wholeBytes < bytes.length };
}

/** The versions a stage has held, the present one last; a rollback takes the last one off. */
export function foldStage(events: readonly StageEvent[], stage: StageName): number[] {
  const held: number[] = [];
  for (const event of events) {
    if (event.stage !== stage) continue;
    if (event.action === 'rollback') held.pop();
    else if (event.version === null) held.length = 0;
    else if (held.at(-1) !== event.version) held.push(event.version);
  }
  return held;
}
