// The log of deleted versions, models/<name>/deleted.jsonl. A version counts as deleted from its line on, even if a kill
// prevented the removal of its folder.
import { join } from 'node:path';
import { cutTornLine } from '../../foundation/core/index.ts';
import {
  appendRecordLine,
  type DeletedVersion,
  deletedVersionRecord,
  loadRecordLines,
} from '../../foundation/records/index.ts';

/** @throws DISK_FULL */
export function appendDeletion(modelFolder: string, deleted: DeletedVersion): void {
  cutTornLine(locateLog(modelFolder));
  appendRecordLine(deletedVersionRecord, locateLog(modelFolder), deleted, { flushed: true });
}

/** Oldest first; none if nothing was deleted. @throws RECORD_INVALID */
export function loadDeletions(modelFolder: string): DeletedVersion[] {
  return loadRecordLines(deletedVersionRecord, locateLog(modelFolder));
}

function locateLog(modelFolder: string): string {
  return join(modelFolder, 'deleted.jsonl');
}
