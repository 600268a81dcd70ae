// The record of a file of exported feedback, by which a dataset that is prepared from it can be traced to the predictions.
import { z } from 'zod';
import type { RecordType } from './record.ts';

export const feedbackExportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** Versions whose predictions got the feedback. */
  parents: z.array(z.string()),
  /** The file as it was written. */
  path: z.string(),
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  sizeBytes: z.int().min(0),
  rows: z.int().min(0),
});
export type FeedbackExport = z.infer<typeof feedbackExportSchema>;

export const feedbackExportRecord: RecordType<FeedbackExport> = {
  name: 'feedback export',
  schemaVersion: 1,
  schema: feedbackExportSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['compact@1'],
    path: '/data/feedback.jsonl',
    md5: 'd41d8cd98f00b204e9800998ecf8427e',
    sizeBytes: 0,
    rows: 0,
  },
};
