// The room's door: what other rooms may use.
export { type ArticlePrediction, type PredictArticleRequest, predictArticle } from './article-prediction.ts';
export { type FilePrediction, type PredictFileRequest, predictFile } from './file-prediction.ts';
