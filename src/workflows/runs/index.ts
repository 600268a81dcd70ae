// The room's door: what other rooms may use.

export { formatPointLines, POINT_FORMATS, type PointFormat, writePointFile } from './point-file.ts';
export {
  type ListedDamage,
  type ListedRuns,
  listRuns,
  type RunListRequest,
  type ShownRun,
  showRun,
} from './recorded-runs.ts';
export { repeatsOnResume } from './resumable-failure.ts';
export { noteRun, type TaggedRun, tagRuns } from './run-annotation.ts';
export {
  type ComparedRow,
  type ComparisonRequest,
  compareRuns,
  type RunComparison,
  rankRunsByBudget,
} from './run-comparison.ts';
export { loadRunConfiguration, loadStoredConfiguration } from './run-configuration.ts';
export {
  formatCsvTable,
  type PointRequest,
  readRunColumns,
  type TableCell,
} from './run-table.ts';
