// The result of the gate before production: the figures that it compared, or why there are none to compare. It is part of
// the stage event of a promotion.
import { z } from 'zod';

const findingSchema = z.strictObject({
  testSet: z.string(),
  collection: z.string(),
  metric: z.enum(['accuracy', 'macroF1']),
  candidate: z.number(),
  production: z.number(),
  /** Lower end of production's 95% interval. */
  low: z.number(),
});

/** Why there are no figures to compare. */
const notComparableSchema = z.discriminatedUnion('code', [
  z.strictObject({
    code: z.literal('TRAINED_ON_TEST_ARTICLES'),
    testSet: z.string(),
    /** The number of test articles that the model was trained on. */
    seen: z.int(),
    articles: z.int(),
    /** Which of the two was trained on them; absent from events of earlier versions: the candidate. */
    model: z.enum(['candidate', 'production']).optional(),
  }),
  z.strictObject({
    code: z.literal('DIFFERENT_CLASSES'),
    candidate: z.array(z.string()),
    production: z.array(z.string()),
  }),
  z.strictObject({
    code: z.literal('PRODUCTION_DAMAGED'),
    /** Code of the error of reading it. */
    error: z.string(),
  }),
  z.strictObject({
    code: z.literal('DIFFERENT_TEST_SETS'),
    /** Test split of each version's own data; null: not evaluated on one. */
    candidate: z.string().nullable(),
    production: z.string().nullable(),
  }),
]);
export type NotComparableReason = z.infer<typeof notComparableSchema>;

export const gateResultSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('passed'), compared: z.array(findingSchema) }),
  z.strictObject({ outcome: z.literal('worse'), worse: z.array(findingSchema) }),
  z.strictObject({ outcome: z.literal('not-comparable'), reason: notComparableSchema }),
]);
export type GateResult = z.infer<typeof gateResultSchema>;
