// Prometheus metrics of what is lost while predictions go on: receipts, feedback, log lines, connections.
import type { Registry } from 'prom-client';
import { Collectors } from './collectors.ts';

export interface IncidentMetrics {
  countLost(code: LostKind, lost: number): void;
  setOpen(code: LostKind, isOpen: boolean): void;
}

type LostKind = 'RECEIPTS_LOST' | 'FEEDBACK_LOST' | 'LOG_LINES_LOST' | 'CONNECTIONS_REFUSED';

export const silentIncidentMetrics: IncidentMetrics = { countLost: () => {}, setOpen: () => {} };

export function createIncidentMetrics(registry: Registry): IncidentMetrics {
  const collectors = new Collectors(registry);
  const counters = {
    RECEIPTS_LOST: collectors.counter(
      'veracity_receipts_lost_total',
      'Predictions whose receipt could not be stored: the disk was too slow, full or read-only.',
    ),
    FEEDBACK_LOST: collectors.counter(
      'veracity_feedback_lost_total',
      'Feedback that was refused because it could not be written to disk.',
    ),
    LOG_LINES_LOST: collectors.counter(
      'veracity_log_lines_lost_total',
      'Log lines that could not be written to standard error.',
    ),
    CONNECTIONS_REFUSED: collectors.counter(
      'veracity_connections_refused_total',
      'Connections closed at once because the process may not open more files.',
    ),
  };
  const incident = collectors.gauge('veracity_incident', '1 while something is lost, by code.', ['code']);
  for (const code of Object.keys(counters)) incident.set({ code }, 0);
  return {
    countLost: (code, lost) => counters[code].inc(lost),
    setOpen: (code, isOpen) => incident.set({ code }, isOpen ? 1 : 0),
  };
}
