// The room's door: what other rooms may use.
export type { Evidence } from './evidence.ts';
export { createEvidence } from './evidence.ts';
export { loadExplainer } from './explainer.ts';
