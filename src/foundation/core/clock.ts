// Time as a value that is passed in, so that tests hold it still.

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
