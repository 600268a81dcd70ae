// Public API `veracity/predict`: predicts the class of articles with a trained model folder.
export {
  type ArticleText,
  formatWarning,
  type Measures,
  type ModelColumns,
  type ModelFolder,
  type Prediction,
  type Warning,
} from '../foundation/records/index.ts';
export type {
  Classifier,
  DetailedClassifier,
  DetailedPrediction,
  LoadClassifierOptions,
} from '../judging/predict/index.ts';
export { loadClassifier } from '../judging/predict/index.ts';
