// The room's door: what other rooms may use.
export { type ExportedRunResult, exportRun, type RunExportRequest } from './export-run.ts';
export { startTrainingExports } from './training-exports.ts';
