// The room's door: what other rooms may use.
export {
  type ArticleIndex,
  copyArticleIndex,
  hasArticleIndex,
  loadArticleIndex,
  type SimilarArticle,
  saveArticleIndex,
  similarArticleSchema,
} from './article-index.ts';
export { loadOutOfDistributionDetector, type OutOfDistributionDetector } from './detector.ts';
export { sketchFeatures } from './feature-sketch.ts';
export { listIndexed, measureOutOfDistributionLimits } from './measure-limits.ts';
export { measureLimit, measureSpace } from './measure-space.ts';
