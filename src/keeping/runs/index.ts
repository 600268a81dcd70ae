// The room's door: what other rooms may use.

export { type ActiveClock, createActiveClock, sumActiveSeconds } from './active-time.ts';
export { readAxis } from './curve.ts';
export { createDatabaseRunStore } from './database-run-store.ts';
export { createFileRunStore } from './file-run-store.ts';
export { flattenConfig } from './flat-config.ts';
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
export {
  goalOfMetric,
  type MetricGoal,
  nameTestMetrics,
  nameValidationMetrics,
  type ValidationFigures,
} from './metric-name.ts';
export { type RunFieldValue, readRunField, toFieldValue } from './run-fields.ts';
export {
  assertRunField,
  filterRuns,
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
export type { ListedMetric, RunSummary } from './run-summary.ts';
