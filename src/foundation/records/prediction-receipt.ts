// What is kept of an answer: which model gave it, from which data, run and configuration, and the hash of the article,
// so that it can be shown, questioned and reproduced. The article itself only where the operator asked for that.
import { z } from 'zod';
import { predictionSchema } from './prediction.ts';
import type { RecordType } from './record.ts';

/** Nine base-36 digits of the milliseconds since 1970, then 80 random bits in base 32: sorted by time, not guessable. */
export const predictionIdPattern = /^[0-9a-z]{9}[a-z2-7]{16}$/;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const predictionReceiptSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string().regex(predictionIdPattern),
  createdAt: z.string(),
  /** [model version, run, dataset version]. */
  parents: z.array(z.string()),
  requestId: z.string(),
  /** Pattern of the route that answered. */
  route: z.string(),
  modelVersion: z.string(),
  runId: z.string(),
  datasetVersion: z.string(),
  /** sha256 of the canonical JSON of the run's resolved configuration; null where the model does not say. */
  configurationDigest: sha256.nullable(),
  /** sha256 of the canonical JSON of {title, text} as they were sent. */
  contentSha256: sha256,
  /** Tokens (for `linear`: features) that were read. */
  tokens: z.int(),
  truncated: z.boolean(),
  ...predictionSchema.omit({ modelVersion: true }).shape,
  warnings: z.array(z.string()),
  /** As they were sent; only with serve.log.text=true. */
  article: z.strictObject({ title: z.string(), text: z.string() }).optional(),
});
export type PredictionReceipt = z.infer<typeof predictionReceiptSchema>;

export const predictionReceiptRecord: RecordType<PredictionReceipt> = {
  name: 'prediction receipt',
  schemaVersion: 1,
  schema: predictionReceiptSchema,
  example: {
    schemaVersion: 1,
    id: '0mjv6k2g0abcdefghijklmnop',
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['compact@1', 'run-20260101-000000-abcd', 'ds-0123456789ab'],
    requestId: '7f8c5f6e-2d3b-4c1a-9e57-0a1b2c3d4e5f',
    route: '/v1/predict',
    modelVersion: 'compact@1',
    runId: 'run-20260101-000000-abcd',
    datasetVersion: 'ds-0123456789ab',
    configurationDigest: '0'.repeat(64),
    contentSha256: '0'.repeat(64),
    tokens: 42,
    truncated: false,
    label: 'REAL',
    probability: 0.91,
    probabilities: { FAKE: 0.09, REAL: 0.91 },
    abstained: false,
    warnings: [],
  },
};
