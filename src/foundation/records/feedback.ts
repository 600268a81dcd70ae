// Feedback: a reader's opinion of a prediction. It holds the receipt of that prediction, because the prediction log is cut by
// size and age.
import { z } from 'zod';
import { migrateReceipt, predictionReceiptRecord, predictionReceiptSchema } from './prediction-receipt.ts';
import { hasSchemaVersion, type RecordType } from './record.ts';

export const MAX_COMMENT = 4000;

/** The reader's opinion; at least one of label, agrees and comment. */
export const opinionShape = {
  /** The class that the reviewer gives the article. */
  label: z.string().min(1).max(100).optional(),
  /** Whether the reviewer agrees with the label that was given. */
  agrees: z.boolean().optional(),
  comment: z.string().max(MAX_COMMENT).optional(),
  reviewer: z.string().min(1).max(200).optional(),
};

export const feedbackSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [id of the prediction]. */
  parents: z.array(z.string()),
  ...opinionShape,
  prediction: predictionReceiptSchema,
});
export type Feedback = z.infer<typeof feedbackSchema>;

export const feedbackRecord: RecordType<Feedback> = {
  name: 'feedback',
  schemaVersion: 1,
  schema: feedbackSchema,
  // The receipt inside may be of an earlier version.
  migrate: (json) =>
    hasSchemaVersion(json, 1) ? { ...json, prediction: migrateReceipt(json.prediction) } : json,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: [predictionReceiptRecord.example.id],
    label: 'FAKE',
    agrees: false,
    comment: 'The harbour has no ferry.',
    reviewer: 'desk-3',
    prediction: predictionReceiptRecord.example,
  },
};
