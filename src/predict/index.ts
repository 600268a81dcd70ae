// Public API `veracity/predict`: judge articles with a trained model folder.
export type { ArticleText } from '../records/article.ts';
export type { ModelFolder } from '../records/model-folder.ts';
export type { Prediction } from '../records/prediction.ts';
export type { Classifier, LoadClassifierOptions } from './classifier.ts';
export type { Judgement, JudgingClassifier } from './judgement.ts';
export { loadClassifier } from './load-classifier.ts';
