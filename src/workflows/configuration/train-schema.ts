// The schema of the configuration of everything that prepares data, trains or evaluates. Keys are spelt as people type them,
// in snake_case. Unknown keys are refused; the error names the closest known one.
import { z } from 'zod';
import { exportDestinationSchema, nounPattern } from '../../foundation/records/index.ts';
import { DEFAULT_LEAK_LIMITS, isKnownEncoding, parseSeparator } from '../../learning/data/index.ts';
import { modelSchema } from '../../learning/models/index.ts';
import { deviceSchema } from './device-schema.ts';

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().min(1);

const leakLimit = z.number().min(0.5).max(1);
const columnName = z.string().nullable();
/** A label or the name of a class. A number or a truth value of YAML or the command line is taken as its text. */
const labelText = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** How files are read. */
const readingShape = {
  /** The encoding of the files by its usual name; null: UTF-8. */
  encoding: z
    .string()
    .refine(isKnownEncoding, 'an encoding such as utf-8, windows-1252 or utf-16le')
    .nullable()
    .default(null),
  /** What stands between two fields of CSV; null: found from the header. */
  separator: z
    .string()
    .refine(
      (text) => parseSeparator(text) !== undefined,
      'comma, semicolon, tab, pipe, space or another single character',
    )
    .nullable()
    .default(null),
  /** Whether a quote opens a field of CSV; null: yes, but between tabs only where it encloses the whole field. */
  quotes: z.boolean().nullable().default(null),
};

export const dataSchema = z.strictObject({
  /** Name of the dataset in reports and of its models; null: the file's name. */
  name: z.string().min(1).nullable(),
  /** csv and jsonl say what the file is expected to be; its content decides. */
  kind: z.enum(['sample', 'isot', 'csv', 'jsonl', 'file']),
  /** File or folder; null for the bundled sample. */
  path: z.string().nullable(),
  /** The configuration of a dataset folder's card; null: the default one. */
  subset: z.string().min(1).nullable().default(null),
  columns: z.strictObject({
    title: columnName,
    text: columnName,
    label: columnName,
    source: columnName,
    date: columnName,
    id: columnName,
  }),
  ...readingShape,
  /** Class names by the labels in the file, null for labels whose rows are left out; null: the labels are class names. */
  labels: z.record(z.string(), labelText.nullable()).nullable(),
  /** Order of the classes, index 0 first; null: FAKE, REAL if these are the classes, else sorted. */
  classes: z
    .array(labelText)
    .min(2)
    .refine((names) => new Set(names).size === names.length, 'names that differ from one another')
    .nullable(),
  /** What the texts are called on the page, on the command line and in warnings: an English noun. */
  noun: z.string().regex(nounPattern, 'an English noun of letters, such as complaint').default('article'),
  /** Language of the texts as a BCP 47 tag (de, pt-BR); null: it is found from the validation texts. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[a-z\d]{2,8}){0,3}$/i, 'a language tag such as de or pt-BR')
    .nullable()
    .default(null),
  /** Remove give-aways (datelines, credits, lost apostrophes). */
  strip: z.boolean(),
  /** Limits of what may give the label away, 0.5 (chance) to 1, for the low end of the 95% interval. */
  leak_limits: z
    .strictObject({
      mark: leakLimit,
      word: leakLimit,
      edges: leakLimit,
      signs: leakLimit,
      length: leakLimit,
      column: leakLimit,
    })
    .default(DEFAULT_LEAK_LIMITS),
  /** Why leaks above the limits are accepted; null: they stop preparing and training. */
  accept_leaks: z.string().trim().min(1).nullable().default(null),
  /** Share of the rows that may be set aside for one reason (contradicting, empty, unusable) before preparing stops. */
  max_set_aside: share.default(0.1),
  /** Share of the rows that may be unusable, all reasons together; null: max_set_aside applies to each reason. */
  max_rejects: share.nullable().default(null),
  near_duplicates: z.strictObject({
    /** Smallest estimated Jaccard similarity of word shingles that makes two articles one group; 1 switches it off. */
    threshold: share,
    shingle_words: count,
    permutations: count.max(1024),
  }),
  split: z
    .strictObject({
      validation: share,
      test: share,
      /** Keep the splits of a dataset folder; a split that it lacks is taken from its training rows. */
      given: z.boolean().default(false),
      /** Which groups enter which split; null: the same as `seed`, as in runs of earlier versions. */
      seed: z.int().min(0).nullable().default(null),
    })
    .superRefine(({ validation, test }, context) => {
      if (validation + test < 1) return;
      const sum = Number((validation + test).toPrecision(12));
      context.addIssue({
        code: 'custom',
        message: 'shares that leave some for training',
        params: { keys: ['validation', 'test'], got: `${validation} + ${test} = ${sum}` },
      });
    }),
});

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['adamw', 'adam']),
    lr: positive,
    weight_decay: z.number().min(0),
    beta1: share,
    beta2: share,
    epsilon: positive,
  }),
  z.strictObject({ kind: z.literal('sgd'), lr: positive, weight_decay: z.number().min(0), momentum: share }),
]);

export const scheduleSchema = z.strictObject({
  kind: z.enum(['constant', 'linear', 'cosine']),
  /** Share of all steps over which the rate rises from 0. */
  warmup: share,
  /** Rate at the end, as a share of optimizer.lr (linear and cosine). */
  final: share,
});

export const loraSchema = z.strictObject({
  rank: count,
  /** The product of an adapter's matrices is scaled by alpha / rank. */
  alpha: positive,
  dropout: z.number().min(0).lt(1),
  /** Dense layers that get an adapter. */
  targets: z.array(z.enum(['query', 'key', 'value', 'attended', 'widened', 'narrowed'])).min(1),
});

export const distillationSchema = z.strictObject({
  /** NAME, NAME@VERSION, a run id or a model folder. */
  teacher: z.string().min(1),
  /** The logits of teacher and student are divided by it. */
  temperature: positive,
  /** The teacher's share of the loss; the rest comes from the labels. */
  alpha: share,
});

export const trainLoopSchema = z.strictObject({
  /** What is trained: all, head (pooler and classifier), top:K (the last K layers and the head), lora (adapters and head). */
  scope: z
    .string()
    .regex(/^(all|head|lora|top:[1-9]\d*)$/, 'all, head, top:K (such as top:2) or lora')
    .default('all'),
  lora: loraSchema.default({ rank: 8, alpha: 16, dropout: 0, targets: ['query', 'value'] }),
  /** The learning rate of each layer is this share of the rate of the layer above it. */
  layer_decay: positive.max(1).default(1),
  /** Keep only the input of each layer, and compute the rest again in the backward pass: less memory, more time. */
  gradient_checkpointing: z.boolean().default(false),
  /** With scope=head: run the encoder once per article and cache its vector, instead of once per epoch. */
  feature_cache: z.boolean().default(true),
  epochs: z.number().positive(),
  /** Most steps; null: as many as `epochs` give. */
  max_steps: count.nullable(),
  /** Most articles in a batch. */
  batch_size: count,
  /** Most tokens in a batch, including padding. */
  max_tokens: count,
  /** Batches whose gradients are averaged into one step. */
  accumulate: count,
  clip_norm: positive.nullable(),
  class_weights: z.union([z.literal('balanced'), z.array(positive)]).nullable(),
  label_smoothing: z.number().min(0).lt(1),
  /** Steps between evaluations on validation; null: after each epoch. */
  eval_every: count.nullable(),
  /** Steps between checkpoints; null: after each evaluation only. */
  checkpoint_every: count.nullable(),
  /** Checkpoints kept besides the last: the best k by validation loss. */
  keep_best: count,
  /** Evaluations without a better validation loss before stopping; null: never. */
  patience: count.nullable(),
  /** Most batches of an epoch; null: all. */
  limit_train_batches: count.nullable(),
  /** Learn from a teacher's probabilities beside the labels; null: from the labels only. */
  distillation: distillationSchema.nullable().default(null),
});

/** Columns of a collection; each that is left out has its usual name, as with `data=csv`. */
const collectionColumns = z.strictObject({
  title: columnName.default('title'),
  text: columnName.default('text'),
  label: columnName.default('label'),
  source: columnName.default(null),
  date: columnName.default(null),
  id: columnName.default(null),
});

export const evaluateSchema = z.strictObject({
  /** Wanted precision of predictions that do not abstain; the threshold is fitted on validation to reach it. null: never abstain. */
  abstain: share.nullable(),
  /** Bootstrap resamples behind the 95% intervals. */
  bootstrap: count,
  /** Other collections to report beside the test split. */
  collections: z
    .array(
      z.strictObject({
        name: z.string(),
        /** CSV or JSON Lines file, relative to the working directory; `package:sample/…` is a file of this package. */
        path: z.string(),
        columns: collectionColumns.prefault({}),
        labels: z.record(z.string(), labelText.nullable()).nullable().default(null),
        /** As in `data`. */
        ...readingShape,
      }),
    )
    .refine(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      'a list with a different name for each entry',
    ),
});

export const trackingSchema = z.strictObject({
  /** Steps between measurements of the loss and its companions. */
  log_every: count,
  /** Seconds between samples of processor time and memory; null: none. */
  system_every_s: z.number().min(0.1).nullable().default(10),
  /** Where runs go beside the home, while they are trained. Runs of earlier versions lack this key. */
  exporters: z.array(exportDestinationSchema).default([]),
});

/** What is measured of a training's time. */
export const profilerSchema = z.strictObject({
  kind: z.enum(['none', 'simple', 'advanced', 'trace']),
  /** Steps on the timeline of a trace. */
  steps: count.default(20),
});

export const trainConfigSchema = z.strictObject({
  /** Seed of training: first weights, order of the articles, dropout, bootstrap. `data.split.seed` is that of the split. */
  seed: z.int().min(0),
  /** 0: one per core. */
  threads: z.int().min(0),
  /** Runs of earlier versions lack this key. */
  device: deviceSchema.default('cpu'),
  /** Id of the run to resume; null: a new run. */
  resume: z.string().nullable(),
  /** Register the result under this name; null: the data's name. */
  register: z.string().nullable(),
  /** Keep an index of the training articles (titles, sources, labels) with the model, to show similar articles. */
  register_index: z.boolean().default(false),
  /** How many validation texts the model keeps, for the page to offer as examples; whoever uses the model can read them. */
  register_examples: z.int().min(0).max(100).default(0),
  /** Only for experiment=distil, which passes it to train.distillation. */
  teacher: z.string().optional(),
  data: dataSchema,
  model: modelSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  train: trainLoopSchema,
  evaluate: evaluateSchema,
  tracking: trackingSchema,
  /** Runs of earlier versions lack this key. */
  profiler: profilerSchema.default({ kind: 'none', steps: 20 }),
});

export type DataConfig = z.infer<typeof dataSchema>;
export type OptimizerConfig = z.infer<typeof optimizerSchema>;
export type ScheduleConfig = z.infer<typeof scheduleSchema>;
export type TrainLoopConfig = z.infer<typeof trainLoopSchema>;
export type EvaluateConfig = z.infer<typeof evaluateSchema>;
export type TrainConfig = z.infer<typeof trainConfigSchema>;
