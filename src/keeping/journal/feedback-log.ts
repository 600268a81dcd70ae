// The port of feedback: the opinions of readers about predictions, in the order in which they arrived. Later entries add to earlier
// ones and never replace them.
//
// Every implementation guarantees, and test/conformance/feedback-log.ts checks:
// - Order: `load` returns entries in the order in which `add` resolved, across processes.
// - Durability: an entry survives a kill of the process and a crash of the machine once `add` has resolved.
// - Crash: a kill during `add` leaves the whole entry or none; later entries are added and read as before.
// - Two processes: both may add at once; no entry is lost or mixed with another.
// - Errors: those named at each method, always as a rejected promise.
import type { Feedback, FeedbackExport } from '../../foundation/records/index.ts';

export type Opinion = Pick<Feedback, 'label' | 'agrees' | 'comment' | 'reviewer'>;

export interface FeedbackLog {
  /** @throws DISK_FULL; FEEDBACK_FULL if more could not be read again */
  add(prediction: Feedback['prediction'], opinion: Opinion): Promise<Feedback>;
  /** All entries, oldest first. @throws RECORD_INVALID */
  load(): Promise<Feedback[]>;
  /** Keeps which file was written from the feedback, so that a dataset made of it can be traced. @throws DISK_FULL */
  recordExport(written: Omit<FeedbackExport, 'schemaVersion' | 'createdAt'>): Promise<void>;
  /** The files that were written, oldest first. @throws RECORD_INVALID */
  listExports(): Promise<FeedbackExport[]>;
}
