// The prediction for one article. The article is not part of it.
import { z } from 'zod';
import type { RecordType } from './record.ts';

export const predictionSchema = z.strictObject({
  /** The winning class, also when the model abstains. */
  label: z.string(),
  /** Calibrated probability of `label`. */
  probability: z.number().min(0).max(1),
  /** Calibrated probability by class name; sums to 1. */
  probabilities: z.record(z.string(), z.number()),
  /** True when `probability` is below the model's abstention threshold: read as "not sure". */
  abstained: z.boolean(),
  /** name@version, or the run id of an unregistered model. */
  modelVersion: z.string(),
});
export type Prediction = z.infer<typeof predictionSchema>;

export const predictionRecord: RecordType<Prediction> = {
  name: 'prediction',
  schemaVersion: 1,
  schema: predictionSchema,
  example: {
    label: 'REAL',
    probability: 0.91,
    probabilities: { FAKE: 0.09, REAL: 0.91 },
    abstained: false,
    modelVersion: 'compact@1',
  },
};
