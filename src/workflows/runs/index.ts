// The room's door: what other rooms may use.
export { type ListedDamage, type ListedRuns, listRuns, type ShownRun, showRun } from './recorded-runs.ts';
export { repeatsOnResume } from './resumable-failure.ts';
export { loadRunConfiguration } from './run-configuration.ts';
