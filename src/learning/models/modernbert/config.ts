// ModernBERT's configuration and its spelling in Hugging Face's config.json; the only place that knows both.
// Source: Warner et al. 2024, arXiv 2412.13663; reference implementation: transformers, models/modernbert.
// Every layer attends globally (global_attn_every_n_layers = 1): at our lengths a window saves nothing.
import { z } from 'zod';
import { appError } from '../../../foundation/core/index.ts';

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
  readonly classNames: readonly string[];
  readonly padId: number;
  readonly dropout: DropoutRates;
}

export interface DropoutRates {
  /** Whole tokens (Iyyer et al. 2015, "word dropout"); the model's files do not mention it. */
  readonly token: number;
  readonly embedding: number;
  readonly attention: number;
  readonly hidden: number;
  readonly classifier: number;
}

export const NORM_EPSILON = 1e-5;
export const ROPE_THETA = 160_000;

/** What config.json says, for transformers 4.48 and later and transformers.js 3.1 and later. */
export function formatModernBertConfig(config: ModernBertConfig): Record<string, unknown> {
  const { classNames } = config;
  return {
    architectures: ['ModernBertForSequenceClassification'],
    model_type: 'modernbert',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForward,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    max_position_embeddings: config.maxTokens,
    hidden_activation: 'gelu',
    norm_eps: NORM_EPSILON,
    norm_bias: false,
    attention_bias: false,
    mlp_bias: false,
    attention_dropout: config.dropout.attention,
    embedding_dropout: config.dropout.embedding,
    mlp_dropout: config.dropout.hidden,
    global_attn_every_n_layers: 1,
    local_attention: 128,
    global_rope_theta: ROPE_THETA,
    local_rope_theta: ROPE_THETA,
    classifier_pooling: 'mean',
    classifier_activation: 'gelu',
    classifier_bias: false,
    classifier_dropout: config.dropout.classifier,
    pad_token_id: config.padId,
    bos_token_id: null,
    eos_token_id: null,
    cls_token_id: null,
    sep_token_id: null,
    problem_type: 'single_label_classification',
    id2label: Object.fromEntries(classNames.map((name, i) => [i, name])),
    label2id: Object.fromEntries(classNames.map((name, i) => [name, i])),
    torch_dtype: 'float32',
    reference_compile: false,
  };
}

const size = z.int().min(1);

const fileSchema = z.looseObject({
  model_type: z.literal('modernbert'),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  max_position_embeddings: size,
  pad_token_id: z.int().min(0),
  // The graph has these alone.
  hidden_activation: z.literal('gelu'),
  norm_eps: z.literal(NORM_EPSILON),
  global_attn_every_n_layers: z.literal(1),
  global_rope_theta: z.literal(ROPE_THETA),
  classifier_pooling: z.literal('mean'),
});

/**
 * Reads back the config.json of a model of ours, for inference: rates of dropout are 0.
 * @param where  the file, named in errors
 * @throws MODEL_UNSUPPORTED for what formatModernBertConfig does not write
 */
export function parseModernBertConfig(
  json: unknown,
  where: string,
  classNames: readonly string[],
): ModernBertConfig {
  const result = fileSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    const got = `${issue?.path.join('.')}: ${issue?.message}`;
    throw appError('MODEL_UNSUPPORTED', { path: where, expected: 'a modernbert as we write it', got });
  }
  const file = result.data;
  return {
    vocabularySize: file.vocab_size,
    width: file.hidden_size,
    layers: file.num_hidden_layers,
    heads: file.num_attention_heads,
    feedForward: file.intermediate_size,
    maxTokens: file.max_position_embeddings,
    classNames,
    padId: file.pad_token_id,
    dropout: { token: 0, embedding: 0, attention: 0, hidden: 0, classifier: 0 },
  };
}
