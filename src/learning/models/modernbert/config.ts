// ModernBERT's configuration and its spelling in Hugging Face's config.json; the only place that knows both.
// Source: Warner et al. 2024, arXiv 2412.13663; reference implementation: transformers, models/modernbert.
// Pretrained checkpoints let every third layer attend globally and the others to a window; a model trained from scratch
// here attends globally everywhere, since a window saves nothing at its lengths.
import { z } from 'zod';
import {
  assertWholeHeads,
  formatLabels,
  parseModelConfig,
  rate,
  requireValue,
  size,
  unsupported,
} from '../config-file.ts';
import type { DropoutRates } from '../encoder-definition.ts';

export interface ModernBertConfig {
  /** V */
  readonly vocabularySize: number;
  /** D */
  readonly width: number;
  /** L */
  readonly layers: number;
  /** H; Dh = D / H must be even. */
  readonly heads: number;
  /** F */
  readonly feedForward: number;
  /** Longest sequence, special tokens included. */
  readonly maxTokens: number;
  readonly padId: number;
  readonly dropout: DropoutRates;
  readonly attention: AttentionPattern;
  /** What the head reads: the mean over the tokens, or the first token. */
  readonly pooling: 'mean' | 'cls';
  readonly normEpsilon: number;
  /** Keys of config.json that this program has no use for and gives back as they were. */
  readonly kept?: Readonly<Record<string, unknown>>;
}

export interface AttentionPattern {
  /** [L] whether a layer attends to all tokens, or to those of its window. */
  readonly isGlobal: readonly boolean[];
  /** A local layer's token attends to those at most this far away on either side. */
  readonly reach: number;
  /** Base of the rotary angles in global and in local layers. */
  readonly globalTheta: number;
  readonly localTheta: number;
}

const NORM_EPSILON = 1e-5;
const ROPE_THETA = 160_000;
const LOCAL_ATTENTION = 128;

/** Attention of a model trained from scratch. */
export function attendGlobally(layers: number): AttentionPattern {
  return {
    isGlobal: Array.from({ length: layers }, () => true),
    reach: LOCAL_ATTENTION / 2,
    globalTheta: ROPE_THETA,
    localTheta: ROPE_THETA,
  };
}

/** What config.json says, for transformers 4.48 and later and transformers.js 3.1 and later. */
export function formatModernBertConfig(
  config: ModernBertConfig,
  { classNames, dropout }: { readonly classNames: readonly string[]; readonly dropout: DropoutRates },
): Record<string, unknown> {
  const { isGlobal, reach, globalTheta, localTheta } = config.attention;
  return {
    bos_token_id: null,
    eos_token_id: null,
    cls_token_id: null,
    sep_token_id: null,
    ...config.kept,
    architectures: ['ModernBertForSequenceClassification'],
    model_type: 'modernbert',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForward,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    max_position_embeddings: config.maxTokens,
    hidden_activation: 'gelu',
    norm_eps: config.normEpsilon,
    norm_bias: false,
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: dropout.attention,
    embedding_dropout: dropout.embedding,
    mlp_dropout: dropout.hidden,
    global_attn_every_n_layers: findPeriod(isGlobal),
    local_attention: 2 * reach,
    global_rope_theta: globalTheta,
    local_rope_theta: localTheta,
    classifier_pooling: config.pooling,
    classifier_activation: 'gelu',
    classifier_bias: false,
    classifier_dropout: dropout.classifier,
    pad_token_id: config.padId,
    ...formatLabels(classNames),
    reference_compile: false,
  };
}

const theta = z.looseObject({ rope_theta: z.number().positive() });

/** Defaults are those of transformers' ModernBertConfig. */
const fileSchema = z.looseObject({
  vocab_size: size.default(50368),
  hidden_size: size.default(768),
  intermediate_size: size.default(1152),
  num_hidden_layers: size.default(22),
  num_attention_heads: size.default(12),
  max_position_embeddings: size.default(8192),
  pad_token_id: z.int().min(0).nullable().default(50283),
  hidden_activation: z.string().default('gelu'),
  norm_eps: z.number().positive().default(NORM_EPSILON),
  norm_bias: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  attention_dropout: rate.default(0),
  embedding_dropout: rate.default(0),
  mlp_dropout: rate.default(0),
  global_attn_every_n_layers: size.default(3),
  local_attention: size.default(LOCAL_ATTENTION),
  global_rope_theta: z.number().positive().default(ROPE_THETA),
  local_rope_theta: z.number().positive().nullable().default(10_000),
  classifier_pooling: z.enum(['cls', 'mean']).default('cls'),
  classifier_activation: z.string().default('gelu'),
  classifier_bias: z.boolean().default(false),
  classifier_dropout: rate.default(0),
  // transformers 5 writes these two in place of the period and of the two bases.
  layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).optional(),
  rope_parameters: z.looseObject({ full_attention: theta, sliding_attention: theta }).optional(),
});

/**
 * Reads config.json, of a checkpoint or of a model of ours.
 * @param where  the file, named in errors
 * @throws MODEL_UNSUPPORTED for variants that the graph does not have
 */
export function parseModernBertConfig(json: unknown, where: string): ModernBertConfig {
  const file = parseModelConfig(fileSchema, json, where);
  for (const key of ['hidden_activation', 'classifier_activation'] as const)
    requireValue(where, key, file[key], 'gelu');
  for (const key of ['norm_bias', 'attention_bias', 'mlp_bias', 'classifier_bias'] as const)
    requireValue(where, key, file[key], false);
  assertWholeHeads(json, where, file.hidden_size, file.num_attention_heads);
  return {
    vocabularySize: file.vocab_size,
    width: file.hidden_size,
    layers: file.num_hidden_layers,
    heads: file.num_attention_heads,
    feedForward: file.intermediate_size,
    maxTokens: file.max_position_embeddings,
    padId: file.pad_token_id ?? 0,
    attention: readAttention(file, where),
    pooling: file.classifier_pooling,
    normEpsilon: file.norm_eps,
    // The rates act at the nearest places of this graph; published checkpoints have rates of 0.
    dropout: {
      embedding: file.embedding_dropout,
      attention: file.attention_dropout,
      hidden: file.mlp_dropout,
      classifier: file.classifier_dropout,
    },
    kept: pickKept(file),
  };
}

function readAttention(file: z.infer<typeof fileSchema>, where: string): AttentionPattern {
  const layers = file.num_hidden_layers;
  const period = file.global_attn_every_n_layers;
  const isGlobal =
    file.layer_types?.map((type) => type === 'full_attention') ??
    Array.from({ length: layers }, (_, layer) => layer % period === 0);
  const expected = Array.from({ length: layers }, (_, layer) => layer % findPeriod(isGlobal) === 0);
  if (isGlobal.join() !== expected.join())
    throw unsupported(
      where,
      'layer_types in which every n-th layer, from the first on, attends fully',
      'others',
    );
  const { full_attention: full, sliding_attention: sliding } = file.rope_parameters ?? {};
  const globalTheta = full?.rope_theta ?? file.global_rope_theta;
  return {
    isGlobal,
    reach: Math.floor(file.local_attention / 2),
    globalTheta,
    localTheta: sliding?.rope_theta ?? file.local_rope_theta ?? globalTheta,
  };
}

/** Every how many layers one is global, counted from the first. */
function findPeriod(isGlobal: readonly boolean[]): number {
  const next = isGlobal.indexOf(true, 1);
  return next === -1 ? Math.max(1, isGlobal.length) : next;
}

function pickKept(file: Record<string, unknown>): Record<string, unknown> {
  const keys = ['bos_token_id', 'eos_token_id', 'cls_token_id', 'sep_token_id'];
  return Object.fromEntries(keys.flatMap((key) => (key in file ? [[key, file[key]]] : [])));
}
