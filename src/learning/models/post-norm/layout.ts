// An encoder that normalises after each block (BERT and its relatives): its sizes, whichever spelling its config.json has,
// and its layout, which says where the families differ. The graph is written once, over the roles that a layout names.
import type { DropoutRates } from '../encoder-definition.ts';

export interface PostNormConfig {
  /** The family's names of tensors, and the differences of its graph. */
  readonly layout: PostNormLayout;
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
  /** The longest sequence. */
  readonly maxPositions: number;
  /** Rows of the position table before the first token's. Default 0. */
  readonly positionOffset?: number;
  /** Rows of the token-type table; 0: there is none. An article is all of type 0. */
  readonly typeVocabulary: number;
  readonly normEpsilon: number;
  readonly padId: number;
  readonly dropout: DropoutRates;
  /** Keys of config.json that this program has no use for and gives back as they were. */
  readonly kept?: Readonly<Record<string, unknown>>;
}

export interface PostNormLayout {
  readonly family: string;
  readonly names: PostNormNames;
  readonly head: {
    /** The dense layer between the first token and the classifier. */
    readonly dense: string;
    readonly activation: 'Relu' | 'Tanh';
    readonly classifier: string;
    /** RoBERTa also drops out of the first token's vector before the dense layer. */
    readonly dropsInput: boolean;
  };
  /** DistilBERT drops only after the feed-forward block. */
  readonly dropsAttended: boolean;
  /** Modules of the head as PEFT names them. */
  readonly adapterHead: readonly string[];
  /** First parts of names in files of the bare model, which lack the prefix (MiniLM has such names). */
  readonly bareRoots: RegExp;
  /** The prefix that they lack, with its dot. */
  readonly prefix: string;
  /** What files hold besides, such as heads of the pretraining tasks. */
  readonly leftovers: RegExp;
  /** The keys of config.json that have the family's own spelling. */
  formatConfig(config: PostNormConfig, dropout: DropoutRates): Record<string, unknown>;
}

export interface PostNormNames {
  readonly words: string;
  readonly positions: string;
  /** null: the family has no token types. */
  readonly types: string | null;
  readonly embeddingNorm: string;
  /** Names of layer i, each a module with .weight and .bias. */
  layer(index: number): PostNormLayerNames;
}

export interface PostNormLayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attended: string;
  readonly attentionNorm: string;
  readonly widened: string;
  readonly narrowed: string;
  readonly outputNorm: string;
}

/** The names that BERT's files have, and those of its relatives with another prefix. */
export function nameLikeBert(prefix: string): PostNormNames {
  return {
    words: `${prefix}embeddings.word_embeddings.weight`,
    positions: `${prefix}embeddings.position_embeddings.weight`,
    types: `${prefix}embeddings.token_type_embeddings.weight`,
    embeddingNorm: `${prefix}embeddings.LayerNorm`,
    layer: (index) => {
      const at = `${prefix}encoder.layer.${index}`;
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
  };
}
