// The shapes of resolved configurations. Keys are the ones people type: snake_case where two words.
// Unknown keys are refused; the error names the closest known one.
import { z } from 'zod';
import { modelSchema } from '../../learning/models/index.ts';

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().min(1);

const columnName = z.string().nullable();

export const dataSchema = z.strictObject({
  /** What the data set is called in reports. */
  name: z.string().min(1),
  kind: z.enum(['sample', 'isot', 'csv', 'jsonl']),
  /** File or folder; null for the bundled sample. */
  path: z.string().nullable(),
  columns: z.strictObject({
    title: columnName,
    text: columnName,
    label: columnName,
    source: columnName,
    date: columnName,
    id: columnName,
  }),
  /** From a file's values to class names; null: the values are class names. */
  labels: z.record(z.string(), z.string()).nullable(),
  /** Order of the classes; index 0 first. null: FAKE, REAL if that is what there is, else sorted. */
  classes: z.array(z.string()).min(2).nullable(),
  /** Remove give-aways (datelines, credits, lost apostrophes). */
  strip: z.boolean(),
  /** Share of rows that may be rejected before the run stops. */
  max_rejects: share,
  near_duplicates: z.strictObject({
    /** Estimated Jaccard similarity of word shingles from which two articles are one group; 1 switches it off. */
    threshold: share,
    shingle_words: count,
    permutations: count.max(1024),
  }),
  split: z
    .strictObject({ validation: share, test: share })
    .refine(({ validation, test }) => validation + test < 1, 'shares that leave some for training'),
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
  /** The adapters' product is scaled by alpha / rank. */
  alpha: positive,
  dropout: z.number().min(0).lt(1),
  /** Dense layers that get an adapter. */
  targets: z.array(z.enum(['query', 'key', 'value', 'attended', 'widened', 'narrowed'])).min(1),
});

export const distillationSchema = z.strictObject({
  /** NAME, NAME@VERSION, a run id or a model folder. */
  teacher: z.string().min(1),
  /** Teacher's and student's logits are divided by it. */
  temperature: positive,
  /** The teacher's share of the loss; the labels have the rest. */
  alpha: share,
});

export const trainLoopSchema = z.strictObject({
  /** What is trained: all, head (pooler and classifier), top:K (the last K layers and the head), lora (adapters and head). */
  scope: z
    .string()
    .regex(/^(all|head|lora|top:[1-9]\d*)$/, 'all, head, top:K (such as top:2) or lora')
    .default('all'),
  lora: loraSchema.default({ rank: 8, alpha: 16, dropout: 0, targets: ['query', 'value'] }),
  /** Each layer learns at this share of the rate of the one above it. */
  layer_decay: positive.max(1).default(1),
  /** Keep each layer's input only, and compute the rest again on the way back: less memory, more time. */
  gradient_checkpointing: z.boolean().default(false),
  /** With scope=head: run the encoder once an article and keep its vector, instead of once an epoch. */
  feature_cache: z.boolean().default(true),
  epochs: z.number().positive(),
  /** Stops earlier than `epochs` if not null. */
  max_steps: count.nullable(),
  /** Articles in a batch, at most. */
  batch_size: count,
  /** Tokens in a batch, padding included, at most. */
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
  /** Batches of an epoch, at most; null: all. */
  limit_train_batches: count.nullable(),
  /** Learn from a teacher's probabilities beside the labels; null: from the labels alone. */
  distillation: distillationSchema.nullable().default(null),
});

const USUAL_COLUMNS = { title: 'title', text: 'text', label: 'label', source: null, date: null, id: null };

export const evaluateSchema = z.strictObject({
  /** Wanted precision of answered articles; the abstention threshold is fitted on validation to reach it. null: never abstain. */
  abstain: share.nullable(),
  /** Bootstrap resamples behind the 95% intervals. */
  bootstrap: count,
  /** Other collections to report beside the test split. */
  collections: z.array(
    z.strictObject({
      name: z.string(),
      /** CSV or JSON Lines, from the working directory; `package:sample/…` names a file that comes with the program. */
      path: z.string(),
      /** Default: title, text and label under these names. */
      columns: dataSchema.shape.columns.default(USUAL_COLUMNS),
      labels: z.record(z.string(), z.string()).nullable().default(null),
    }),
  ),
});

export const trackingSchema = z.strictObject({
  /** Steps between step events in the run's log. */
  log_every: count,
});

/** Where graphs run; auto: the first accelerator that is there, right and faster than the processor. */
const deviceChoice = z.enum(['cpu', 'webgpu', 'cuda', 'coreml', 'dml', 'auto']);

export const trainConfigSchema = z.strictObject({
  seed: z.int().min(0),
  /** 0: as many as cores. */
  threads: z.int().min(0),
  /** Runs of versions before it was there have none. */
  device: deviceChoice.default('cpu'),
  /** Run id to go on with; null: a new run. */
  resume: z.string().nullable(),
  /** Register the result under this name; null: the model's kind. */
  register: z.string().nullable(),
  /** Keep an index of the training articles (titles, sources, labels) with the model, to show what an article is like. */
  register_index: z.boolean().default(false),
  /** A key of experiment=distil alone, which hands it to train.distillation. */
  teacher: z.string().optional(),
  data: dataSchema,
  model: modelSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  train: trainLoopSchema,
  evaluate: evaluateSchema,
  tracking: trackingSchema,
});

/** A share: 0 to 1, or a text such as 10%. */
const shareOrPercent = z
  .union([
    z.number().min(0).max(1),
    z
      .string()
      .regex(/^\d{1,3}(\.\d+)?%$/, 'expected a share such as 10%')
      .transform((text) => Number(text.slice(0, -1)) / 100)
      .pipe(z.number().max(1)),
  ])
  .meta({ description: '10% or 0.1' });

export const serveConfigSchema = z.strictObject({
  threads: z.int().min(0),
  device: deviceChoice.default('cpu'),
  serve: z.strictObject({
    host: z.string(),
    port: z.int().min(0).max(65535),
    /** NAME, NAME@VERSION, a run id or a model folder; null: the production version, else the newest. */
    model: z.string().nullable(),
    max_body_bytes: count,
    max_articles: count,
    /** Bytes of a file sent to POST /v1/batch, and how many are judged at once. */
    max_upload_bytes: count,
    max_uploads: count,
    /** Threads that each hold the model and share `threads`; 0: as suits the model and the memory. */
    workers: z.int().min(0).max(256),
    /** auto: an int8 version of the model where it is as right; fp32, int8: that one or none. */
    precision: z.enum(['auto', 'fp32', 'int8']),
    batch: z.strictObject({
      /** Padded tokens that run together; null: as suits the device. */
      max_tokens: count.nullable(),
      /** How long a batch that is not full may wait for articles that are being received. */
      max_wait_ms: z.number().min(0).max(1000),
      /** How long a worker may take over one, at least, before it counts as hung. */
      hang_seconds: z.number().positive().max(3600),
    }),
    queue: z.strictObject({
      /** Expected wait from which on requests are refused. */
      max_wait_ms: z.number().positive().max(600_000),
    }),
    cache: z.strictObject({
      /** Answers kept for exact duplicates; 0: none. */
      max_entries: z.int().min(0).max(10_000_000),
    }),
    /** Follows promotions and rollbacks of the model that is served; seconds between two looks, 0: never. */
    watch: z.strictObject({ seconds: z.number().min(0).max(86_400) }),
    /** NAME@VERSION that answers too, without counting. */
    shadow: z.string().nullable(),
    /** Share of the clients whom a candidate answers; model null: the one in staging, else the newest. */
    canary: z
      .union([
        shareOrPercent,
        z.strictObject({ share: shareOrPercent, model: z.string().nullable().default(null) }),
      ])
      .nullable(),
    /** When a canary is taken back. */
    canary_limits: z.strictObject({
      window_seconds: z.number().positive().max(86_400),
      min_requests: count,
      errors: shareOrPercent,
      p99_ratio: z.number().min(1),
      p99_ms: z.number().min(0),
    }),
    /** auto: API keys are asked for where other machines can reach the server; keys: always; open: never. */
    access: z.enum(['auto', 'keys', 'open']),
    /** Origins whose pages may ask from a browser. */
    cors: z.array(
      z.string().regex(/^https?:\/\/[^/\s*]+$/, 'expected an origin such as https://news.example'),
    ),
    /** Proxies in front, whose x-forwarded-for is believed. */
    proxies: z.int().min(0).max(10),
    /** Requests a minute; null: any number. */
    rate_limit: z.strictObject({
      /** From one address of another machine, without a key. */
      address: count.nullable(),
      key: count.nullable(),
    }),
    /** Seconds until a request's headers, and its body, are there. */
    timeout: z.strictObject({ headers: count.max(600), body: count.max(3600) }),
    /** Receipts of answers, below VERACITY_HOME; the oldest go when there are more bytes or days than this. */
    log: z.strictObject({
      predictions: z.boolean(),
      /** Keep the articles, too: what `veracity replay` and the next data set can use. */
      text: z.boolean(),
      max_bytes: count.min(65_536),
      max_days: count,
    }),
    log_level: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
  }),
});

export type DataConfig = z.infer<typeof dataSchema>;
export type OptimizerConfig = z.infer<typeof optimizerSchema>;
export type ScheduleConfig = z.infer<typeof scheduleSchema>;
export type TrainLoopConfig = z.infer<typeof trainLoopSchema>;
export type EvaluateConfig = z.infer<typeof evaluateSchema>;
export type TrainConfig = z.infer<typeof trainConfigSchema>;
export type ServeConfig = z.infer<typeof serveConfigSchema>;
