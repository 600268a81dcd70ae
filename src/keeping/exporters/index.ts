// The room's door: what other rooms may use.
export { formatDestination } from './create-target.ts';
export { listRunExports } from './export-cursor.ts';
export { exportRunOnce, type SentChanges } from './export-run.ts';
export { type LiveExports, startLiveExports } from './live-exports.ts';
export { checkMlflowServer } from './mlflow-check.ts';
