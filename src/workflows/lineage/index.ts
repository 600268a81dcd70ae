// The room's door: what other rooms may use.
export type { Effect } from './effect-finder.ts';
export {
  type AffectedDataset,
  type AffectedRecord,
  type Impact,
  type ImpactTarget,
  traceImpact,
} from './impact.ts';
export {
  type ImpactPrediction,
  type PredictionCount,
  PredictionTally,
  type PredictionTotals,
  scanImpactPredictions,
} from './impact-predictions.ts';
export type { Lineage, LineageEdge, LineageKind, TracedRecord } from './origin-graph.ts';
export type { SourceGaps } from './source-gaps.ts';
export { type TraceOptions, traceLineage } from './trace-lineage.ts';
