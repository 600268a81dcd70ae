// Why a model answered as it did, as far as leaving parts out and following its gradient can tell. Places are UTF-16
// units of the title or the text as it was sent.
import { z } from 'zod';
import type { RecordType } from './record.ts';

const place = {
  field: z.enum(['title', 'text']),
  start: z.int().min(0),
  /** Exclusive. */
  end: z.int().min(0),
};

export const explanationSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** The class that the influences speak for: the winning one. */
  label: z.string(),
  /** Calibrated probability of it. */
  probability: z.number(),
  /** Calibrated logit of the label minus the mean of the others': with two classes the log-odds. */
  margin: z.number(),
  sentences: z.array(
    z.strictObject({
      ...place,
      /** How much the label's probability falls when it is left out; negative: it speaks against the label. null: not tried. */
      influence: z.number().nullable(),
      /** The same of the margin, which still moves where the probability is close to 0 or 1. */
      marginInfluence: z.number().nullable(),
      /** Its share by integrated gradients: all sum to gradients.margin - baselineMargin. null: no gradients. */
      gradient: z.number().nullable(),
    }),
  ),
  words: z.array(
    z.strictObject({
      ...place,
      /** Index into sentences. */
      sentence: z.int(),
      influence: z.number().nullable(),
      marginInfluence: z.number().nullable(),
      gradient: z.number().nullable(),
    }),
  ),
  /** What was not judged: cleaned away, or behind the maximum length. */
  unread: z.array(z.strictObject(place)),
  occlusion: z.strictObject({
    /** Times that the model read the article without a part. */
    variants: z.int(),
    /** Words that were left out one by one; the others only together with their sentence. */
    wordsTried: z.int(),
    wordsTotal: z.int(),
  }),
  /** What to mind about it, for people; names no word of the article. */
  warnings: z.array(z.string()),
  gradients: z
    .strictObject({
      /** exact: the model is linear in its words; integrated: steps on the way from the baseline. */
      method: z.enum(['exact', 'integrated']),
      /** What the article is compared with: no word at all, or [MASK] in place of each. */
      baseline: z.enum(['nothing', 'mask']),
      /**
       * own: those that answered; dequantised: 8-bit weights as floats. The answer's own arithmetic rounds what it
       * multiplies by them as well, so that its margin is not quite the one below.
       */
      weights: z.enum(['own', 'dequantised']),
      /** The margin by these weights. */
      margin: z.number(),
      baselineMargin: z.number(),
      steps: z.int(),
      /** The margin here - baselineMargin - the sum of all shares: what the steps missed. */
      gap: z.number(),
    })
    .nullable(),
});
export type Explanation = z.infer<typeof explanationSchema>;

export const explanationRecord: RecordType<Explanation> = {
  name: 'explanation',
  schemaVersion: 1,
  schema: explanationSchema,
  example: {
    schemaVersion: 1,
    label: 'REAL',
    probability: 0.91,
    margin: 2.31,
    sentences: [
      { field: 'title', start: 0, end: 13, influence: 0.04, marginInfluence: 0.4, gradient: 0.5 },
      { field: 'text', start: 0, end: 59, influence: 0.24, marginInfluence: 1.6, gradient: 1.9 },
    ],
    words: [
      {
        field: 'title',
        start: 0,
        end: 5,
        sentence: 0,
        influence: 0.01,
        marginInfluence: 0.1,
        gradient: 0.2,
      },
    ],
    unread: [],
    occlusion: { variants: 3, wordsTried: 1, wordsTotal: 1 },
    warnings: [],
    gradients: {
      method: 'integrated',
      baseline: 'mask',
      weights: 'own',
      margin: 2.31,
      baselineMargin: -0.09,
      steps: 32,
      gap: 0.001,
    },
  },
};
