// The room's door: what other rooms may use.
export { checkLabels, surveyCollections } from './collection-checks.ts';
export { type EvaluationRequest, splitChoices } from './evaluation-request.ts';
export { Evaluator, indexTraining, nameData } from './evaluator.ts';
export { evaluateModel, type ModelEvaluation } from './model-evaluation.ts';
