// The room's door: what other rooms may use.
export {
  type ClassifierEvaluationOptions,
  evaluateClassifier,
  type LabelledArticle,
} from './classifier-evaluation.ts';
export { type EvaluationInput, evaluateLogits } from './evaluation.ts';
export { formatEvaluationHtml } from './html/page.ts';
export { formatEvaluationText } from './text.ts';
export { createTrainingIndex, type TrainingIndex } from './training-index.ts';
export type { EvaluationSubject } from './words.ts';
