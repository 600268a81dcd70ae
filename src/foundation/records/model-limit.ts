// The limits of a model, as facts: a code and the numbers behind it. The model card, the command line and the API make
// sentences of them (model-limit-sentences.ts).
import { z } from 'zod';
import { textUnitSchema } from './text-unit.ts';

const message = { message: z.string().meta({ description: 'The same as a sentence.' }) };

const writingNotTruth = z.strictObject({ code: z.literal('WRITING_NOT_TRUTH') });
const syntheticTraining = z.strictObject({ code: z.literal('SYNTHETIC_TRAINING') });
const smallTestSplit = z.strictObject({ code: z.literal('SMALL_TEST_SPLIT'), articles: z.int() });
/** Accuracy on a collection from another source. */
const elsewhere = {
  collection: z.string(),
  accuracy: z.number(),
  /** Accuracy of always naming the larger class there. */
  guessing: z.number(),
  /** Whether the lower end of the accuracy's 95% interval lies above guessing. */
  beatsGuessing: z.boolean(),
};
const otherSourceLower = z.strictObject({
  code: z.literal('OTHER_SOURCE_LOWER'),
  ...elsewhere,
  /** Accuracy on the model's own test split. */
  ownAccuracy: z.number(),
});
const otherSourceAlike = otherSourceLower.extend({ code: z.literal('OTHER_SOURCE_ALIKE') });
const otherSourceOnly = z.strictObject({ code: z.literal('OTHER_SOURCE_ONLY'), ...elsewhere });
const notMeasuredElsewhere = z.strictObject({ code: z.literal('NOT_MEASURED_ELSEWHERE') });
const readsPart = z.strictObject({
  code: z.literal('READS_PART'),
  maxTokens: z.int(),
  kept: z.enum(['head', 'head+tail']),
  unit: textUnitSchema,
});
/** The model abstains below this probability. */
const abstains = z.strictObject({ code: z.literal('ABSTAINS'), below: z.number() });
/** No threshold for abstaining reached the wanted share of right predictions on validation articles. */
const precisionNotReached = z.strictObject({
  code: z.literal('PRECISION_NOT_REACHED'),
  wanted: z.number(),
  precision: z.number(),
});

export const modelLimitSchema = z.discriminatedUnion('code', [
  writingNotTruth,
  syntheticTraining,
  smallTestSplit,
  otherSourceLower,
  otherSourceAlike,
  otherSourceOnly,
  notMeasuredElsewhere,
  readsPart,
  abstains,
  precisionNotReached,
]);
export type ModelLimit = z.infer<typeof modelLimitSchema>;

/** Limits as the API gives them: facts, each with its sentence. */
export const modelLimitFactSchema = z.discriminatedUnion('code', [
  writingNotTruth.extend(message),
  syntheticTraining.extend(message),
  smallTestSplit.extend(message),
  otherSourceLower.extend(message),
  otherSourceAlike.extend(message),
  otherSourceOnly.extend(message),
  notMeasuredElsewhere.extend(message),
  readsPart.extend(message),
  abstains.extend(message),
  precisionNotReached.extend(message),
]);
