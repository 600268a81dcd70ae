// The room's door: what other rooms may use.
export { type EvaluationRequest, splitChoices } from './evaluation-request.ts';
export { createEvaluator, indexTraining, nameData } from './evaluator.ts';
export { evaluateModel, type ModelEvaluation } from './model-evaluation.ts';
