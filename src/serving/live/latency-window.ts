// Requests of the last while: how many, how many failed, how long the slowest of a hundred took.
import type { Clock } from '../../foundation/core/index.ts';

export interface WindowSummary {
  /** Answered and failed. */
  readonly requests: number;
  readonly failed: number;
  /** Of those answered; 0 where none was. */
  readonly p99Ms: number;
}

export interface LatencyWindow {
  /** @param ms  null: it failed */
  add(ms: number | null): void;
  summarize(): WindowSummary;
}

/** More say nothing new; older ones go first. */
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
