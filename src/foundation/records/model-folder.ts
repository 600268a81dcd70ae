// veracity.json: what a model folder in Hugging Face's layout does not say about itself but a prediction needs.
import { z } from 'zod';
import { pretrainedOriginSchema } from './pretrained-origin.ts';
import type { RecordType } from './record.ts';

export const calibrationSchema = z.strictObject({
  /** Logits are divided by this before the softmax (Guo et al. 2017); 1 = not calibrated. */
  temperature: z.number().positive(),
  /** The model abstains when the winning calibrated probability is below this; 0 = never. */
  abstainBelow: z.number().min(0).max(1),
  /** How the threshold was found on validation; absent when no precision was asked for. */
  abstain: z
    .strictObject({
      /** Wanted share of right answers among the answered articles. */
      wanted: z.number().min(0).max(1),
      /** False: no threshold reached it; the one with the highest precision was taken. */
      reached: z.boolean(),
      /** Share of right answers among validation's answered articles. */
      precision: z.number().min(0).max(1),
      /** Share of validation's articles that were answered. */
      answered: z.number().min(0).max(1),
    })
    .optional(),
});
export type Calibration = z.infer<typeof calibrationSchema>;

export const precisionNames = ['fp32', 'fp16', 'int8'] as const;
export type Precision = (typeof precisionNames)[number];

const modelTraitsSchema = z.strictObject({
  /** What the model reads of an article, counted: tokens, or words and word groups. */
  unit: z.string(),
  /** The file in the folder that holds its tokenizer. */
  tokenizerFile: z.string(),
  /** The library that loads the folder's weights; veracity where no other does. */
  library: z.string(),
});
/** What a family of models says of itself to rooms that know no families. */
export type ModelTraits = z.infer<typeof modelTraitsSchema>;

export const modelFolderSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /**
   * [run id, dataset version], and behind them the pretrained weights, where there are any; of a compressed model the
   * original stands before them.
   */
  parents: z.array(z.string()),
  /** A name in the table of families, which is asked when the model is loaded. */
  family: z.string(),
  /** Absent in records of earlier versions: traitsOf knows what they meant. */
  traits: modelTraitsSchema.optional(),
  /** The configuration's name for it: linear, compact, … */
  model: z.string(),
  runId: z.string(),
  datasetVersion: z.string(),
  /** sha256 of the canonical JSON of the run's resolved configuration; versions of before do not say. */
  configurationDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Absent for models trained from scratch. */
  pretrained: pretrainedOriginSchema.optional(),
  datasetName: z.string(),
  synthetic: z.boolean(),
  classNames: z.array(z.string()).min(2),
  parameterCount: z.int(),
  /** Tokens (for `linear`: features) the model reads of an article, special tokens included. */
  maxTokens: z.int(),
  truncation: z.enum(['head', 'head+tail']),
  /** Cleaning that the training articles had and every judged article must have too. */
  cleaning: z.strictObject({ strip: z.boolean() }),
  calibration: calibrationSchema,
  /** Shortest token count among 99% of the training articles: shorter inputs deserve a warning. */
  usualTokens: z.strictObject({ low: z.int(), high: z.int() }),
  /**
   * Limits that all but few validation articles keep; who does not is unlike what the model learned from. What they are
   * held against lies in letters.json and familiar-space.bin. Versions of before have none.
   */
  familiarity: z
    .strictObject({
      /** Share of the validation articles that keep each limit. */
      quantile: z.number(),
      /** Mean log2 probability of an article's letter pairs, at least; null: there were no letters. */
      letters: z.strictObject({ lowest: z.number(), articles: z.int() }).nullable(),
      /**
       * embedding: distance to the nearest class of training articles, in standard deviations, at most;
       * features: share of features that no training article had, at most; null: the model has no vectors.
       */
      distance: z
        .strictObject({ kind: z.enum(['embedding', 'features']), highest: z.number(), articles: z.int() })
        .nullable(),
    })
    .optional(),
  /** How onnx/model.onnx holds its weights; absent: fp32, as they were trained. */
  precision: z.enum(precisionNames).optional(),
  /** [L] attention heads that were cut out after training; absent: none. */
  prunedHeads: z.array(z.array(z.int().min(0))).optional(),
  /**
   * max |delta logit| between training graph and exported model, on how many articles; of a compressed model between
   * the original and it, with the share of the articles that both give the same label.
   */
  exportCheck: z.strictObject({
    articles: z.int(),
    maxLogitDifference: z.number(),
    agreement: z.number().min(0).max(1).optional(),
  }),
});
export type ModelFolder = z.infer<typeof modelFolderSchema>;

export const modelFolderRecord: RecordType<ModelFolder> = {
  name: 'model folder',
  schemaVersion: 1,
  schema: modelFolderSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd', 'ds-0123456789ab'],
    family: 'modernbert',
    model: 'compact',
    runId: 'run-20260101-000000-abcd',
    datasetVersion: 'ds-0123456789ab',
    datasetName: 'sample',
    synthetic: true,
    classNames: ['FAKE', 'REAL'],
    parameterCount: 5_000_000,
    maxTokens: 256,
    truncation: 'head',
    cleaning: { strip: true },
    calibration: { temperature: 1, abstainBelow: 0 },
    usualTokens: { low: 20, high: 256 },
    exportCheck: { articles: 32, maxLogitDifference: 0.00001 },
  },
};

/** The traits of a model; those of earlier versions follow from their family. */
export function traitsOf({ traits, family }: Pick<ModelFolder, 'traits' | 'family'>): ModelTraits {
  if (traits !== undefined) return traits;
  return family === 'linear'
    ? { unit: 'words and word groups', tokenizerFile: 'hashing.json', library: 'veracity' }
    : { unit: 'tokens', tokenizerFile: 'tokenizer.json', library: 'transformers' };
}
