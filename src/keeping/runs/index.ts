// The room's door: what other rooms may use.
export { evaluationValues } from './early-measurements.ts';
export { createFileRunStore } from './file-run-store.ts';
export type {
  Curve,
  CurveAxis,
  CurveRequest,
  Histogram,
  KeptPoint,
  MetricSummary,
  Moment,
  NewMeasurement,
  Point,
  RunHistogram,
  RunText,
} from './measurement.ts';
export type {
  DamagedRun,
  NewRun,
  RunChanges,
  RunFiles,
  RunList,
  RunStore,
  RunWriter,
  TagChange,
} from './run-store.ts';
export { type ListedMetric, type RunSummary, sumActiveSeconds } from './run-summary.ts';
