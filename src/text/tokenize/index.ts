// The room's door: what other rooms may use.
export type {
  ArticleEncoder,
  Batch,
  EncodedArticle,
  PieceEncoder,
  TokenizedSplit,
} from './article-encoder.ts';
export { collateBatch, planBatches, planEvaluationBatches } from './batches.ts';
export { createHashedNgramEncoder, type HashedNgramEncoder } from './hashed-ngrams.ts';
export { loadArticleEncoder } from './load-article-encoder.ts';
export { loadPieceEncoder } from './load-piece-encoder.ts';
export { formatContent } from './piece-encoder.ts';
export { loadOrTokenizeSplit } from './token-cache.ts';
export { trainVocabulary } from './train-vocabulary.ts';
export { createWordPieceTokenizer, type WordPieceTokenizer } from './wordpiece.ts';
export { wrapTokenizer } from './wordpiece-encoder.ts';
export { loadWordPieceTokenizer, saveWordPieceTokenizer } from './wordpiece-file.ts';
