// veracity.json: what a prediction needs to know about a model and Hugging Face's files in the folder do not say.
// Version 2 says what the rest of the program must know of a family (`traits`) and calls `outOfDistribution` what version 1 called `familiarity`.
import { z } from 'zod';
import { acceptedLeaksSchema } from './leak-check.ts';
import { nounPattern } from './noun.ts';
import { pretrainedOriginSchema } from './pretrained-origin.ts';
import { hasSchemaVersion, type RecordType } from './record.ts';
import { textUnitSchema } from './text-unit.ts';

export const calibrationSchema = z.strictObject({
  /** Logits are divided by this before the softmax (Guo et al. 2017); 1 = not calibrated. */
  temperature: z.number().positive(),
  /** The model abstains when the winning calibrated probability is below this; 0 = never. */
  abstainBelow: z.number().min(0).max(1),
  /** How the threshold was found on validation; absent when no precision was asked for. */
  abstain: z
    .strictObject({
      /** Wanted share of right predictions among those on which it does not abstain. */
      wanted: z.number().min(0).max(1),
      /** False: no threshold reached it; the one with the highest precision was taken. */
      reached: z.boolean(),
      /** That share on validation. */
      precision: z.number().min(0).max(1),
      /** Share of the validation articles on which it does not abstain. */
      answered: z.number().min(0).max(1),
    })
    .optional(),
});
export type Calibration = z.infer<typeof calibrationSchema>;

export const precisionNames = ['fp32', 'fp16', 'int8'] as const;
export type Precision = (typeof precisionNames)[number];

/**
 * True for a model that must run one article at a time. An 8-bit model scales activations by the largest value in the batch:
 * beside others, an article would get another prediction than alone.
 */
export function runsAlone(precision: Precision | undefined): boolean {
  return precision === 'int8';
}

const modelTraitsSchema = z.strictObject({
  /** What the model counts when it reads an article. */
  unit: textUnitSchema,
  /** The file in the folder that holds the tokenizer. */
  tokenizerFile: z.string(),
  /** The library that loads the weights; veracity where no other library does. */
  library: z.string(),
});
/** What rooms below `learning` must know of a model family. */
export type ModelTraits = z.infer<typeof modelTraitsSchema>;

const columnName = z.string().nullable();

export const modelColumnsSchema = z.strictObject({
  title: columnName,
  text: columnName,
  label: columnName,
  source: columnName,
  date: columnName,
  id: columnName,
});
/** The columns of the training file by their roles; null: the file had no such column, or it was not used. */
export type ModelColumns = z.infer<typeof modelColumnsSchema>;

/** How the training file became rows; null: found from the file. */
export const modelReadingSchema = z.strictObject({
  encoding: z.string().nullable(),
  separator: z.string().nullable(),
  quotes: z.boolean().nullable(),
});
export type ModelReading = z.infer<typeof modelReadingSchema>;

export const outOfDistributionLimitsSchema = z.strictObject({
  /** Share of the validation articles that keep each limit. */
  quantile: z.number(),
  /** Lowest usual mean log2 probability of an article's letter pairs; null: validation had no letters. */
  letters: z.strictObject({ lowest: z.number(), articles: z.int() }).nullable(),
  /**
   * Highest usual distance from the training articles. embedding: to the nearest class, in standard deviations;
   * features: share of features that no training article had. null: the model has no vectors.
   */
  distance: z
    .strictObject({ kind: z.enum(['embedding', 'features']), highest: z.number(), articles: z.int() })
    .nullable(),
});
export type OutOfDistributionLimits = z.infer<typeof outOfDistributionLimitsSchema>;

export const modelFolderSchema = z.strictObject({
  schemaVersion: z.literal(2),
  createdAt: z.string(),
  /**
   * [run id, dataset version], and behind them the pretrained weights, where there are any; of a compressed model the
   * original stands before them.
   */
  parents: z.array(z.string()),
  /** A name in the table of model families (learning/models). */
  family: z.string(),
  traits: modelTraitsSchema,
  /** The configuration's name for it: linear, compact, … */
  model: z.string(),
  runId: z.string(),
  datasetVersion: z.string(),
  /** sha256 of the canonical JSON of the run's resolved configuration; absent from the earliest versions. */
  configurationDigest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Absent for models trained from scratch. */
  pretrained: pretrainedOriginSchema.optional(),
  datasetName: z.string(),
  synthetic: z.boolean(),
  /** Leaks of its data that were accepted, and why; absent: none. */
  acceptedLeaks: acceptedLeaksSchema.optional(),
  /** The columns of the training file: files to predict may have the same. Absent from the earliest versions. */
  columns: modelColumnsSchema.optional(),
  /** Settings by which the training file was read; a file to predict that looks like it is read alike. */
  reading: modelReadingSchema.optional(),
  /** What its texts are called, in English ("complaint"); absent: article. */
  noun: z.string().regex(nounPattern).optional(),
  /** Language of its texts as a BCP 47 tag; absent: unknown, or several. */
  language: z.string().optional(),
  classNames: z.array(z.string()).min(2),
  parameterCount: z.int(),
  /** Most tokens (or features) the model reads of an article, special tokens included. */
  maxTokens: z.int(),
  truncation: z.enum(['head', 'head+tail']),
  /** Cleaning that the training articles had; every article to predict must have it too. */
  cleaning: z.strictObject({ strip: z.boolean() }),
  calibration: calibrationSchema,
  /** Token counts between which 99% of the training articles lie: a shorter article gets a warning. */
  usualTokens: z.strictObject({ low: z.int(), high: z.int() }),
  /**
   * Limits that all but a few validation articles keep: an article beyond one is unlike the training articles. What
   * articles are compared with lies in letters.json, class-distance.bin and seen-features.bin. Absent: not measured.
   */
  outOfDistribution: outOfDistributionLimitsSchema.optional(),
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
  schemaVersion: 2,
  schema: modelFolderSchema,
  migrate: migrateModelFolder,
  example: {
    schemaVersion: 2,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd', 'ds-0123456789ab'],
    family: 'modernbert',
    traits: { unit: 'tokens', tokenizerFile: 'tokenizer.json', library: 'transformers' },
    model: 'compact',
    runId: 'run-20260101-000000-abcd',
    datasetVersion: 'ds-0123456789ab',
    datasetName: 'sample',
    synthetic: true,
    columns: { title: 'title', text: 'text', label: 'label', source: 'source', date: 'date', id: 'id' },
    classNames: ['FAKE', 'REAL'],
    parameterCount: 5_000_000,
    maxTokens: 256,
    truncation: 'head',
    cleaning: { strip: true },
    calibration: { temperature: 1, abstainBelow: 0 },
    usualTokens: { low: 6, high: 256 },
    exportCheck: { articles: 32, maxLogitDifference: 0.00001 },
  },
};

/** The one family of version 1 that counted features. */
const COUNTED_FEATURES = 'linear';

function migrateModelFolder(json: unknown): unknown {
  if (!hasSchemaVersion(json, 1)) return json;
  const { familiarity, ...rest } = json;
  return {
    ...rest,
    schemaVersion: 2,
    traits:
      json.family === COUNTED_FEATURES
        ? { unit: 'features', tokenizerFile: 'hashing.json', library: 'veracity' }
        : { unit: 'tokens', tokenizerFile: 'tokenizer.json', library: 'transformers' },
    ...(familiarity === undefined ? {} : { outOfDistribution: familiarity }),
  };
}
