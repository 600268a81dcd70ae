// The room's door: what other rooms may use.
export { type PredictArticleRequest, type PredictedArticle, predictArticle } from './article-prediction.ts';
export { type FilePrediction, type PredictFileRequest, predictFile } from './file-prediction.ts';
