// The room's door: what other rooms may use.
export { createIncidentMetrics, type IncidentMetrics, silentIncidentMetrics } from './incident-metrics.ts';
export { createLiveMetrics, type LiveMetrics, type ReturnReason, silentLiveMetrics } from './live-metrics.ts';
export { createQueueMetrics, type QueueMetrics, silentQueueMetrics } from './queue-metrics.ts';
export {
  createRequestMetrics,
  formatNewsLabel,
  type RequestMetrics,
} from './request-metrics.ts';
