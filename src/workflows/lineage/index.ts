// The room's door: what other rooms may use.
export type { Lineage, LineageEdge, LineageKind, TracedRecord } from './origin-graph.ts';
export { type TraceOptions, traceLineage } from './trace-lineage.ts';
