// The room's door: what other rooms may use.

export { createDatabaseRunStore } from './database-run-store.ts';
export { evaluationValues } from './early-measurements.ts';
export { createFileRunStore } from './file-run-store.ts';
export type {
  Curve,
  CurveRequest,
  Histogram,
  KeptPoint,
  MetricSummary,
  Moment,
  NewMeasurement,
  Point,
  PointAxis,
  RecordedHistogram,
  RecordedText,
} from './measurement.ts';
export { goalOfMetric, type MetricGoal } from './metric-goal.ts';
export { listConfigKeys, type RunFieldValue, readRunField } from './run-fields.ts';
export {
  assertRunField,
  filterRuns,
  matchesRun,
  parseRunFilter,
  type RunFilter,
  sortRuns,
} from './run-filter.ts';
export type {
  ChangedRuns,
  DamagedRun,
  NewRun,
  RunFiles,
  RunList,
  RunStore,
  RunWriter,
  TagChange,
} from './run-store.ts';
export { type ListedMetric, type RunSummary, sumActiveSeconds } from './run-summary.ts';
