// The room's door: what other rooms may use.
export { createFileRunStore } from './file-run-store.ts';
export type { DamagedRun, NewRun, RunFiles, RunList, RunStore, RunWriter } from './run-store.ts';
export { type RunSummary, sumActiveSeconds } from './run-summary.ts';
