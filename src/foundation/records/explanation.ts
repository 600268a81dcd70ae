// The explanation of one prediction: how it changes when passages are left out, and the gradient of the model. Places are
// UTF-16 units of the title or the text as it was sent.
import { z } from 'zod';
import type { RecordType } from './record.ts';

const place = {
  field: z.enum(['title', 'text']),
  start: z.int().min(0),
  /** Exclusive. */
  end: z.int().min(0),
};

/** A limitation of an explanation, as a fact. */
const gradientsUnavailable = z.strictObject({
  code: z.literal('GRADIENTS_UNAVAILABLE'),
  /** Name of a weight that onnx/model.onnx does not hold in a readable form. */
  missing: z.string(),
  /** How many more such weights there are. */
  others: z.int(),
});

export const explanationSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** The winning class: influences are measured on its probability. */
  label: z.string(),
  /** Calibrated probability of it. */
  probability: z.number(),
  /** Calibrated logit of the label minus the mean of the others': with two classes the log-odds. */
  margin: z.number(),
  sentences: z.array(
    z.strictObject({
      ...place,
      /** How much the label's probability falls when it is left out; negative: the passage lowers it. null: not tried. */
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
  /** What the model did not read: cleaned away, or beyond the maximum length. */
  unread: z.array(z.strictObject(place)),
  occlusion: z.strictObject({
    /** Times that the model read the article without a part. */
    variants: z.int(),
    /** Words that were left out one by one; the others only together with their sentence. */
    wordsTried: z.int(),
    wordsTotal: z.int(),
  }),
  warnings: z.array(gradientsUnavailable),
  gradients: z
    .strictObject({
      /** exact: the model is linear in its words; integrated: steps on the way from the baseline. */
      method: z.enum(['exact', 'integrated']),
      /** What the article is compared with: no word at all, or [MASK] in place of each. */
      baseline: z.enum(['nothing', 'mask']),
      /**
       * own: the weights that predict; dequantised: 8-bit weights as floats. The int8 model also rounds its activations,
       * so its margin differs slightly from the one below.
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
export type ArticleExplanation = z.infer<typeof explanationSchema>;

/** An explanation as the API gives it: `warnings` are sentences, `warningFacts` the same as facts. */
export const explanationAnswerSchema = explanationSchema.extend({
  warnings: z.array(z.string()).meta({ description: 'What is missing from the explanation, as sentences.' }),
  warningFacts: z.array(gradientsUnavailable.extend({ message: z.string() })),
});

export const explanationRecord: RecordType<ArticleExplanation> = {
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
