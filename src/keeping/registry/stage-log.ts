// The log of stages, models/<name>/events.jsonl: events are appended and never edited, and the present stages follow from
// them. Each stage is a stack: promoting puts a version on top, rolling back takes it off.
import { cutTornLine } from '../../foundation/core/index.ts';
import {
  appendRecordLine,
  loadRecordLines,
  type StageEvent,
  type StageName,
  stageEventRecord,
} from '../../foundation/records/index.ts';

/** @throws DISK_FULL */
export function appendStageEvent(path: string, event: StageEvent): void {
  cutTornLine(path);
  appendRecordLine(stageEventRecord, path, event, { flushed: true });
}

/**
 * Loads the complete events, oldest first; none if there is no file.
 * @throws RECORD_INVALID if a complete line is not a stage event
 */
export function loadStageEvents(path: string): StageEvent[] {
  return loadRecordLines(stageEventRecord, path);
}

/** The versions that a stage has held and not lost by a rollback; the present one is the last. */
export function foldStage(events: readonly StageEvent[], stage: StageName): number[] {
  const held: number[] = [];
  for (const event of events) {
    if (event.stage !== stage) continue;
    // Versions that were deleted since are skipped by a rollback, so it may take off several.
    if (event.action === 'rollback') while (held.length > 0 && held.at(-1) !== event.version) held.pop();
    else if (event.version === null) held.length = 0;
    else if (held.at(-1) !== event.version) held.push(event.version);
  }
  return held;
}
