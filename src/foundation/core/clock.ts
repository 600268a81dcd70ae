// The clock, which is passed in so that tests can use a fake one.

export interface Clock {
  /** Wall time as ISO 8601 in UTC. */
  nowIso(): string;
  /** Monotonic milliseconds, for durations only. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowIso: () => new Date().toISOString(),
  monotonicMs: () => performance.now(),
};
