// The configuration of BERT-shaped encoders and its two spellings in Hugging Face's config.json; the only place that
// knows them. BERT: Devlin et al. 2019, arXiv 1810.04805; DistilBERT: Sanh et al. 2019, arXiv 1910.01108; reference
// implementations: transformers, models/bert and models/distilbert. MiniLM and TinyBERT are BERT with other sizes.

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
