// What readers said, one line each, flushed: there is little of it and it is hard to get. Later lines add to earlier
// ones and never replace them.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../foundation/core/index.ts';
import { appError, cutTornLine } from '../../foundation/core/index.ts';
import {
  appendRecordLine,
  type Feedback,
  feedbackRecord,
  loadRecordLines,
} from '../../foundation/records/index.ts';

export type Opinion = Pick<Feedback, 'label' | 'agrees' | 'comment' | 'reviewer'>;

export interface FeedbackLog {
  /** @throws DISK_FULL, FEEDBACK_FULL */
  add(prediction: Feedback['prediction'], opinion: Opinion): Feedback;
  /** In order. @throws RECORD_INVALID */
  load(): Feedback[];
}

/** About a hundred thousand opinions: what can still be read in one piece. */
const MAX_BYTES = 256 * 1024 * 1024;

export function openFeedbackLog(path: string, clock: Clock, maxBytes = MAX_BYTES): FeedbackLog {
  if (existsSync(path)) cutTornLine(path);
  return {
    add: (prediction, opinion) => {
      if (existsSync(path) && statSync(path).size >= maxBytes)
        throw appError('FEEDBACK_FULL', { path, maxBytes });
      const feedback: Feedback = {
        schemaVersion: 1,
        createdAt: clock.nowIso(),
        parents: [prediction.id],
        ...opinion,
        prediction,
      };
      mkdirSync(dirname(path), { recursive: true });
      appendRecordLine(feedbackRecord, path, feedback, { flushed: true });
      return feedback;
    },
    load: () => loadRecordLines(feedbackRecord, path),
  };
}
