// The room's door: what other rooms may use.
export { createRunStore, type NewRun, type RunPaths, type RunStore, type RunSummary } from './run-store.ts';
export { sumActiveSeconds } from './run-summary.ts';
