// Requests of a sliding time window: how many, how many failed, and the 99th percentile of their latency.
import type { Clock } from '../../foundation/core/index.ts';

export interface WindowSummary {
  /** Successful and failed. */
  readonly requests: number;
  readonly failed: number;
  /** Latency of the successful requests; 0 if there was none. */
  readonly p99Ms: number;
}

export interface LatencyWindow {
  /** @param ms  null: it failed */
  add(ms: number | null): void;
  summarize(): WindowSummary;
}

/** The oldest go first. */
const MAX_ENTRIES = 5000;

export function createLatencyWindow(windowMs: number, clock: Clock): LatencyWindow {
  let entries: { atMs: number; ms: number | null }[] = [];
  return {
    add: (ms) => {
      entries.push({ atMs: clock.monotonicMs(), ms });
      if (entries.length > 2 * MAX_ENTRIES) entries = entries.slice(-MAX_ENTRIES);
    },
    summarize: () => {
      const fromMs = clock.monotonicMs() - windowMs;
      entries = entries.filter(({ atMs }) => atMs >= fromMs).slice(-MAX_ENTRIES);
      const times = entries.flatMap(({ ms }) => (ms === null ? [] : [ms])).sort((a, b) => a - b);
      return {
        requests: entries.length,
        failed: entries.length - times.length,
        p99Ms: times[Math.ceil(times.length * 0.99) - 1] ?? 0,
      };
    },
  };
}
