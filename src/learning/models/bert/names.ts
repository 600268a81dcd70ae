// What each family calls its tensors in model.safetensors. The graph is written once, over these roles.
import type { BertFamily } from './config.ts';

export interface BertNames {
  readonly words: string;
  readonly positions: string;
  /** null: the family has no token types. */
  readonly types: string | null;
  readonly embeddingNorm: string;
  /** Names of layer i, each a module with .weight and .bias. */
  layer(index: number): BertLayerNames;
  /** The dense layer between the first token and the classifier. */
  readonly pooler: string;
  readonly classifier: string;
}

export interface BertLayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attended: string;
  readonly attentionNorm: string;
  readonly widened: string;
  readonly narrowed: string;
  readonly outputNorm: string;
}

export const BERT_NAMES: { readonly [K in BertFamily]: BertNames } = {
  distilbert: {
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
    pooler: 'pre_classifier',
    classifier: 'classifier',
  },
  bert: {
    words: 'bert.embeddings.word_embeddings.weight',
    positions: 'bert.embeddings.position_embeddings.weight',
    types: 'bert.embeddings.token_type_embeddings.weight',
    embeddingNorm: 'bert.embeddings.LayerNorm',
    layer: (index) => {
      const at = `bert.encoder.layer.${index}`;
      return {
        query: `${at}.attention.self.query`,
        key: `${at}.attention.self.key`,
        value: `${at}.attention.self.value`,
        attended: `${at}.attention.output.dense`,
        attentionNorm: `${at}.attention.output.LayerNorm`,
        widened: `${at}.intermediate.dense`,
        narrowed: `${at}.output.dense`,
        outputNorm: `${at}.output.LayerNorm`,
      };
    },
    pooler: 'bert.pooler.dense',
    classifier: 'classifier',
  },
};

/** First parts of names in files of the bare model, which lack the family's prefix (MiniLM has such names). */
const BARE_ROOTS: { readonly [K in BertFamily]: RegExp } = {
  distilbert: /^(embeddings|transformer)\./,
  bert: /^(embeddings|encoder|pooler)\./,
};

/** A stored name as the family spells it today: prefix added, LayerNorm.gamma and .beta of old files renamed. */
export function modernizeName(family: BertFamily, stored: string): string {
  const renamed = stored
    .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
    .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
  return BARE_ROOTS[family].test(renamed) ? `${family}.${renamed}` : renamed;
}

/** True for what files often hold besides the encoder: position ids, heads of the pretraining tasks, a QA head. */
export function isUsualLeftover(name: string): boolean {
  return /\.position_ids$|^(cls|vocab_transform|vocab_layer_norm|vocab_projector|qa_outputs)\./.test(name);
}
