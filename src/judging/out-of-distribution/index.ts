// The room's door: what other rooms may use.
export {
  type ArticleIndex,
  copyArticleIndex,
  hasArticleIndex,
  loadArticleIndex,
  type NearestArticle,
  nearestArticleSchema,
  saveArticleIndex,
} from './article-index.ts';
export { loadOutOfDistributionDetector, type OutOfDistributionDetector } from './detector.ts';
export { buildFeatureVector } from './feature-vector.ts';
export { listIndexed, measureOutOfDistributionLimits } from './measure-limits.ts';
export { measureLimit, measureSpace } from './measure-space.ts';
