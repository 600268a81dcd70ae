// BERT's spelling of config.json, names and head. MiniLM and TinyBERT are BERT with other sizes.
// Source: Devlin et al. 2019, arXiv 1810.04805; reference implementation: transformers, models/bert.
import { z } from 'zod';
import { assertWholeHeads, parseModelConfig, rate, requireValue, size, unsupported } from '../config-file.ts';
import { nameLikeBert, type PostNormConfig, type PostNormLayout } from '../post-norm/layout.ts';

export const BERT: PostNormLayout = {
  family: 'bert',
  names: nameLikeBert('bert.'),
  head: { dense: 'bert.pooler.dense', activation: 'Tanh', classifier: 'classifier', dropsInput: false },
  dropsAttended: true,
  adapterHead: ['pooler', 'classifier'],
  bareRoots: /^(embeddings|encoder|pooler)\./,
  prefix: 'bert.',
  leftovers: /^(cls|qa_outputs)\./,
  formatConfig: (config, dropout) => ({
    architectures: ['BertForSequenceClassification'],
    model_type: 'bert',
    ...formatLikeBert(config, dropout),
  }),
};

/** Defaults are those of transformers' BertConfig. */
const fileSchema = z.looseObject({
  vocab_size: size.default(30522),
  hidden_size: size.default(768),
  num_hidden_layers: size.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_act: z.string().default('gelu'),
  hidden_dropout_prob: rate.default(0.1),
  attention_probs_dropout_prob: rate.default(0.1),
  classifier_dropout: rate.nullable().default(null),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  pad_token_id: z.int().min(0).nullable().optional(),
  position_embedding_type: z.string().default('absolute'),
  is_decoder: z.boolean().default(false),
});

/** @throws MODEL_UNSUPPORTED for variants that the graph does not have */
export function parseBertConfig(json: unknown, where: string): PostNormConfig {
  return { layout: BERT, ...readLikeBert(json, where), padId: readPadId(json) ?? 0 };
}

/** The sizes in a config.json that has BERT's keys. @throws MODEL_UNSUPPORTED */
export function readLikeBert(json: unknown, where: string): Omit<PostNormConfig, 'layout' | 'padId'> {
  const file = parseModelConfig(fileSchema, json, where);
  requireValue(where, 'hidden_act', file.hidden_act, 'gelu');
  requireValue(where, 'position_embedding_type', file.position_embedding_type, 'absolute');
  if (file.is_decoder) throw unsupported(where, 'an encoder', 'is_decoder true');
  assertWholeHeads(json, where, file.hidden_size, file.num_attention_heads);
  return {
    vocabularySize: file.vocab_size,
    width: file.hidden_size,
    layers: file.num_hidden_layers,
    heads: file.num_attention_heads,
    feedForward: file.intermediate_size,
    maxPositions: file.max_position_embeddings,
    typeVocabulary: file.type_vocab_size,
    normEpsilon: file.layer_norm_eps,
    dropout: {
      embedding: file.hidden_dropout_prob,
      attention: file.attention_probs_dropout_prob,
      hidden: file.hidden_dropout_prob,
      classifier: file.classifier_dropout ?? file.hidden_dropout_prob,
    },
  };
}

/** `pad_token_id`; null if the file has none. */
export function readPadId(json: unknown): number | null {
  const file = z.looseObject({ pad_token_id: z.int().min(0).nullable().optional() }).safeParse(json);
  return file.success ? (file.data.pad_token_id ?? null) : null;
}

/** The keys that BERT and its relatives spell alike. config.json has no key for embedding dropout of its own. */
export function formatLikeBert(
  { width, layers, heads, feedForward, typeVocabulary, normEpsilon }: PostNormConfig,
  dropout: PostNormConfig['dropout'],
): Record<string, unknown> {
  return {
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: feedForward,
    hidden_act: 'gelu',
    hidden_dropout_prob: dropout.hidden,
    attention_probs_dropout_prob: dropout.attention,
    classifier_dropout: dropout.classifier,
    type_vocab_size: typeVocabulary,
    layer_norm_eps: normEpsilon,
    position_embedding_type: 'absolute',
  };
}
