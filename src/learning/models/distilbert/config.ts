// DistilBERT's spelling of config.json, names and head.
// Source: Sanh et al. 2019, arXiv 1910.01108; reference implementation: transformers, models/distilbert.
import { z } from 'zod';
import { assertWholeHeads, parseModelConfig, rate, requireValue, size } from '../config-file.ts';
import type { PostNormConfig, PostNormLayout } from '../post-norm/layout.ts';

export const DISTILBERT: PostNormLayout = {
  family: 'distilbert',
  names: {
    words: 'distilbert.embeddings.word_embeddings.weight',
    positions: 'distilbert.embeddings.position_embeddings.weight',
    types: null,
    embeddingNorm: 'distilbert.embeddings.LayerNorm',
    layer: (index) => {
      const at = `distilbert.transformer.layer.${index}`;
      return {
        query: `${at}.attention.q_lin`,
        key: `${at}.attention.k_lin`,
        value: `${at}.attention.v_lin`,
        attended: `${at}.attention.out_lin`,
        attentionNorm: `${at}.sa_layer_norm`,
        widened: `${at}.ffn.lin1`,
        narrowed: `${at}.ffn.lin2`,
        outputNorm: `${at}.output_layer_norm`,
      };
    },
  },
  head: { dense: 'pre_classifier', activation: 'Relu', classifier: 'classifier', dropsInput: false },
  dropsAttended: false,
  adapterHead: ['pre_classifier', 'classifier'],
  bareRoots: /^(embeddings|transformer)\./,
  prefix: 'distilbert.',
  leftovers: /^(vocab_transform|vocab_layer_norm|vocab_projector|qa_outputs)\./,
  formatConfig: (config, dropout) => ({
    architectures: ['DistilBertForSequenceClassification'],
    model_type: 'distilbert',
    dim: config.width,
    n_layers: config.layers,
    n_heads: config.heads,
    hidden_dim: config.feedForward,
    activation: 'gelu',
    dropout: dropout.hidden,
    attention_dropout: dropout.attention,
    seq_classif_dropout: dropout.classifier,
    sinusoidal_pos_embds: false,
  }),
};

const NORM_EPSILON = 1e-12; // fixed in its code

/** Defaults are those of transformers' DistilBertConfig. */
const fileSchema = z.looseObject({
  vocab_size: size.default(30522),
  dim: size.default(768),
  n_layers: size.default(6),
  n_heads: size.default(12),
  hidden_dim: size.default(3072),
  activation: z.string().default('gelu'),
  dropout: rate.default(0.1),
  attention_dropout: rate.default(0.1),
  seq_classif_dropout: rate.default(0.2),
  max_position_embeddings: size.default(512),
  pad_token_id: z.int().min(0).nullable().default(0),
});

/** @throws MODEL_UNSUPPORTED for variants that the graph does not have */
export function parseDistilbertConfig(json: unknown, where: string): PostNormConfig {
  const file = parseModelConfig(fileSchema, json, where);
  requireValue(where, 'activation', file.activation, 'gelu');
  assertWholeHeads(json, where, file.dim, file.n_heads);
  return {
    layout: DISTILBERT,
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
