// The room's door: what other rooms may use.
export { chooseArticles, readArticles } from './evaluation-articles.ts';
export { type EvaluationRequest, splitChoices } from './evaluation-request.ts';
export { createEvaluator, indexTraining, nameData, saySkipped } from './evaluator.ts';
