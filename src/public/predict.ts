// Public API `veracity/predict`: predicts the class of articles with a trained model, found by name or folder.
export {
  type ArticleText,
  formatWarning,
  type Measures,
  type ModelColumns,
  type ModelFolder,
  type Prediction,
  type Warning,
} from '../foundation/records/index.ts';
export type { Classifier, DetailedClassifier, DetailedPrediction } from '../judging/predict/index.ts';
export {
  type LoadModelOptions as LoadClassifierOptions,
  loadNamedClassifier as loadClassifier,
} from '../workflows/locate-model/index.ts';
