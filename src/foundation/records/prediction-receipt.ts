// The receipt of a prediction: the model version, data, run and configuration behind it, the numbers measured on the
// article and the article's hash, so that it can be shown, questioned and reproduced. The article itself is kept only
// where the operator asks for it. Version 1 had `tokens` and `truncated` in place of `measures`, and warnings as sentences.
import { z } from 'zod';
import { canonicalJson, hashSha256 } from '../core/index.ts';
import type { ArticleText } from './article.ts';
import { measuresSchema } from './measures.ts';
import { predictionSchema } from './prediction.ts';
import { hasSchemaVersion, type RecordType } from './record.ts';
import { receiptWarningSchema } from './warning.ts';

/** Nine base-36 digits of the milliseconds since 1970, then 80 random bits in base 32: sorted by time, not guessable. */
export const predictionIdPattern = /^[0-9a-z]{9}[a-z2-7]{16}$/;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const predictionReceiptSchema = z.strictObject({
  schemaVersion: z.literal(2),
  id: z.string().regex(predictionIdPattern),
  createdAt: z.string(),
  /** [model version, run, dataset version]. */
  parents: z.array(z.string()),
  requestId: z.string(),
  /** Pattern of the route that was asked. */
  route: z.string(),
  modelVersion: z.string(),
  runId: z.string(),
  datasetVersion: z.string(),
  /** sha256 of the canonical JSON of the run's resolved configuration; null where the model does not say. */
  configurationDigest: sha256.nullable(),
  /** sha256 of the canonical JSON of {title, text} as they were sent. */
  contentSha256: sha256,
  measures: measuresSchema,
  ...predictionSchema.omit({ modelVersion: true }).shape,
  warnings: z.array(receiptWarningSchema),
  /** Title and text as they were sent; only with serve.log.text=true. */
  article: z.strictObject({ title: z.string(), text: z.string() }).optional(),
});
export type ReceiptRecord = z.infer<typeof predictionReceiptSchema>;

export const predictionReceiptRecord: RecordType<ReceiptRecord> = {
  name: 'prediction receipt',
  schemaVersion: 2,
  schema: predictionReceiptSchema,
  migrate: migrateReceipt,
  example: {
    schemaVersion: 2,
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
    measures: { tokens: 42, articleTokens: 42, truncated: false, letterScore: -7.12, distance: 0.93 },
    label: 'REAL',
    probability: 0.91,
    probabilities: { FAKE: 0.09, REAL: 0.91 },
    abstained: false,
    warnings: [],
  },
};

/** sha256 of an article as it was sent: stored in receipts, and compared when a prediction is replayed or traced. */
export function hashContent({ title, text }: ArticleText): string {
  return hashSha256(canonicalJson({ title, text }));
}

/** Also called for the receipts inside feedback. */
export function migrateReceipt(json: unknown): unknown {
  if (!hasSchemaVersion(json, 1)) return json;
  const { tokens, truncated, warnings, ...rest } = json;
  return {
    ...rest,
    schemaVersion: 2,
    measures: {
      tokens,
      articleTokens: truncated === false ? tokens : null,
      truncated,
      letterScore: null,
      distance: null,
    },
    warnings: Array.isArray(warnings)
      ? warnings.map((message: unknown) => ({ code: 'UNCODED', message }))
      : warnings,
  };
}
