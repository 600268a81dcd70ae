// The configuration of BERT-shaped encoders and its two spellings in Hugging Face's config.json; the only place that
// knows them. BERT: Devlin et al. 2019, arXiv 1810.04805; DistilBERT: Sanh et al. 2019, arXiv 1910.01108; reference
// implementations: transformers, models/bert and models/distilbert. MiniLM and TinyBERT are BERT with other sizes.
import { z } from 'zod';
import { appError } from '../../../foundation/core/index.ts';

export type BertFamily = 'distilbert' | 'bert';

export interface BertConfig {
  readonly family: BertFamily;
  /** V */
  readonly vocabularySize: number;
  /** D */
  readonly width: number;
  /** L */
  readonly layers: number;
  /** H */
  readonly heads: number;
  /** F */
  readonly feedForward: number;
  /** Rows of the position table: the longest sequence. */
  readonly maxPositions: number;
  /** Rows of the token-type table; 0 for DistilBERT, which has none. */
  readonly typeVocabulary: number;
  readonly normEpsilon: number;
  readonly classNames: readonly string[];
  readonly padId: number;
  readonly dropout: BertDropout;
}

export interface BertDropout {
  /** After the embeddings' norm. */
  readonly embedding: number;
  /** Of the attention's shares. */
  readonly attention: number;
  /** After the projections back into the residual stream. */
  readonly hidden: number;
  /** Before the classifier. */
  readonly classifier: number;
}

/** A configuration as config.json holds it, before it is known which classes are to be told apart. */
export type BertShape = Omit<BertConfig, 'classNames'>;

const size = z.int().min(1);
const share = z.number().min(0).max(1);

/** Defaults are those of transformers' BertConfig. */
const bertSchema = z.looseObject({
  vocab_size: size.default(30522),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_act: z.string().default('gelu'),
  hidden_dropout_prob: share.default(0.1),
  attention_probs_dropout_prob: share.default(0.1),
  classifier_dropout: share.nullable().default(null),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  pad_token_id: z.int().min(0).nullable().default(0),
  position_embedding_type: z.string().default('absolute'),
  is_decoder: z.boolean().default(false),
});

/** Defaults are those of transformers' DistilBertConfig. */
const distilbertSchema = z.looseObject({
  vocab_size: size.default(30522),
  dim: size.default(768),
  n_layers: size.default(6),
  n_heads: size.default(12),
  hidden_dim: size.default(3072),
  activation: z.string().default('gelu'),
  dropout: share.default(0.1),
  attention_dropout: share.default(0.1),
  seq_classif_dropout: share.default(0.2),
  max_position_embeddings: size.default(512),
  pad_token_id: z.int().min(0).nullable().default(0),
});

const NORM_EPSILON = 1e-12; // DistilBERT's, fixed in its code

/**
 * Reads config.json of either family, chosen by its `model_type`.
 * @param where  the file, named in errors
 * @throws MODEL_UNSUPPORTED for another family or for variants that the graph does not have
 */
export function parseBertConfig(json: unknown, where: string): BertShape {
  const type = z.looseObject({ model_type: z.string() }).safeParse(json);
  const family = type.success ? type.data.model_type : 'none';
  if (family !== 'bert' && family !== 'distilbert')
    throw unsupported(where, 'model_type bert or distilbert', family);
  const shape = family === 'bert' ? readBert(json, where) : readDistilbert(json, where);
  if (shape.width % shape.heads !== 0)
    throw unsupported(where, `a width that ${shape.heads} heads divide`, `${shape.width}`);
  const { pruned_heads: pruned } = json as { pruned_heads?: unknown };
  if (pruned !== undefined && pruned !== null && Object.keys(pruned).length > 0)
    throw unsupported(where, 'all attention heads', 'pruned_heads');
  return shape;
}

/** Names of the classes that a head in the file tells apart, in order; null where it names none. */
export function parseClassNames(json: unknown): readonly string[] | null {
  const file = z.looseObject({ id2label: z.record(z.string(), z.string()) }).safeParse(json);
  if (!file.success) return null;
  const names = Object.entries(file.data.id2label)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name);
  return names.every((name) => /^LABEL_\d+$/.test(name)) ? null : names;
}

function readBert(json: unknown, where: string): BertShape {
  const file = parse(bertSchema, json, where);
  requireGelu(where, 'hidden_act', file.hidden_act);
  if (file.position_embedding_type !== 'absolute')
    throw unsupported(where, 'position_embedding_type absolute', file.position_embedding_type);
  if (file.is_decoder) throw unsupported(where, 'an encoder', 'is_decoder true');
  return {
    family: 'bert',
    vocabularySize: file.vocab_size,
    width: file.hidden_size,
    layers: file.num_hidden_layers,
    heads: file.num_attention_heads,
    feedForward: file.intermediate_size,
    maxPositions: file.max_position_embeddings,
    typeVocabulary: file.type_vocab_size,
    normEpsilon: file.layer_norm_eps,
    padId: file.pad_token_id ?? 0,
    dropout: {
      embedding: file.hidden_dropout_prob,
      attention: file.attention_probs_dropout_prob,
      hidden: file.hidden_dropout_prob,
      classifier: file.classifier_dropout ?? file.hidden_dropout_prob,
    },
  };
}

function readDistilbert(json: unknown, where: string): BertShape {
  const file = parse(distilbertSchema, json, where);
  requireGelu(where, 'activation', file.activation);
  return {
    family: 'distilbert',
    vocabularySize: file.vocab_size,
    width: file.dim,
    layers: file.n_layers,
    heads: file.n_heads,
    feedForward: file.hidden_dim,
    maxPositions: file.max_position_embeddings,
    typeVocabulary: 0,
    normEpsilon: NORM_EPSILON,
    padId: file.pad_token_id ?? 0,
    dropout: {
      embedding: file.dropout,
      attention: file.attention_dropout,
      hidden: file.dropout,
      classifier: file.seq_classif_dropout,
    },
  };
}

function requireGelu(where: string, key: string, activation: string): void {
  if (activation !== 'gelu') throw unsupported(where, `${key} gelu`, activation);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unsupported(where, 'sizes and rates', `${issue?.path.join('.')}: ${issue?.message}`);
}

function unsupported(path: string, expected: string, got: string): Error {
  return appError('MODEL_UNSUPPORTED', { path, expected, got });
}

/** What config.json says, for transformers and transformers.js; embedding dropout is told as the hidden one. */
export function formatBertConfig(config: BertConfig): Record<string, unknown> {
  return {
    ...(config.family === 'bert' ? formatBert(config) : formatDistilbert(config)),
    initializer_range: 0.02,
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.maxPositions,
    pad_token_id: config.padId,
    problem_type: 'single_label_classification',
    id2label: Object.fromEntries(config.classNames.map((name, i) => [i, name])),
    label2id: Object.fromEntries(config.classNames.map((name, i) => [name, i])),
    torch_dtype: 'float32',
  };
}

function formatBert({ width, layers, heads, feedForward, ...config }: BertConfig): Record<string, unknown> {
  return {
    architectures: ['BertForSequenceClassification'],
    model_type: 'bert',
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: feedForward,
    hidden_act: 'gelu',
    hidden_dropout_prob: config.dropout.hidden,
    attention_probs_dropout_prob: config.dropout.attention,
    classifier_dropout: config.dropout.classifier,
    type_vocab_size: config.typeVocabulary,
    layer_norm_eps: config.normEpsilon,
    position_embedding_type: 'absolute',
  };
}

function formatDistilbert(config: BertConfig): Record<string, unknown> {
  return {
    architectures: ['DistilBertForSequenceClassification'],
    model_type: 'distilbert',
    dim: config.width,
    n_layers: config.layers,
    n_heads: config.heads,
    hidden_dim: config.feedForward,
    activation: 'gelu',
    dropout: config.dropout.hidden,
    attention_dropout: config.dropout.attention,
    seq_classif_dropout: config.dropout.classifier,
    sinusoidal_pos_embds: false,
  };
}
