// The predictions that a model made when it was exported, with the invented articles they were made for. They are part of a
// model folder: a program that loads it elsewhere or later can check that the model still predicts the same.
import { z } from 'zod';
import type { RecordType } from './record.ts';

/** File name in the model folder. */
export const REFERENCE_FILE = 'reference-predictions.json';

export const referencePredictionsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [run id]. */
  parents: z.array(z.string()),
  answers: z.array(
    z.strictObject({
      title: z.string(),
      text: z.string(),
      /** Calibrated probability by class name. */
      probabilities: z.record(z.string(), z.number()),
    }),
  ),
});
export type ReferencePredictions = z.infer<typeof referencePredictionsSchema>;

export const referencePredictionsRecord: RecordType<ReferencePredictions> = {
  name: 'reference predictions',
  schemaVersion: 1,
  schema: referencePredictionsSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd'],
    answers: [
      { title: 'Ferry resumes', text: 'It sailed on Tuesday.', probabilities: { FAKE: 0.09, REAL: 0.91 } },
    ],
  },
};
