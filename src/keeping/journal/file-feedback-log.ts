// Feedback as lines of one file, each flushed to the disk: there is little of it and it is hard to get.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { appError, type Clock, cutTornLine, makeFolder } from '../../foundation/core/index.ts';
import {
  appendRecordLine,
  type Feedback,
  feedbackExportRecord,
  feedbackRecord,
  loadRecordLines,
} from '../../foundation/records/index.ts';
import type { FeedbackLog } from './feedback-log.ts';

/** About a hundred thousand entries: what can still be read in one piece. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Opens the log at `path`; creates nothing before the first entry. */
export function createFileFeedbackLog(path: string, clock: Clock, maxBytes = MAX_BYTES): FeedbackLog {
  /** False until this process has looked, and after an append that failed: the last line may be torn. */
  let isWhole = false;
  const exportsPath = join(dirname(path), 'feedback-exports.jsonl');
  return {
    add: async (prediction, opinion) => {
      if (existsSync(path) && statSync(path).size >= maxBytes)
        throw appError('FEEDBACK_FULL', { path, maxBytes });
      const feedback: Feedback = {
        schemaVersion: 1,
        createdAt: clock.nowIso(),
        parents: [prediction.id],
        ...opinion,
        prediction,
      };
      makeFolder(dirname(path));
      if (!isWhole) cutTornLine(path);
      isWhole = false;
      appendRecordLine(feedbackRecord, path, feedback, { flushed: true });
      isWhole = true;
      return feedback;
    },
    load: async () => loadRecordLines(feedbackRecord, path),
    recordExport: async (written) => {
      makeFolder(dirname(path));
      cutTornLine(exportsPath);
      const record = { schemaVersion: 1 as const, createdAt: clock.nowIso(), ...written };
      appendRecordLine(feedbackExportRecord, exportsPath, record, { flushed: true });
    },
    listExports: async () => loadRecordLines(feedbackExportRecord, exportsPath),
  };
}
