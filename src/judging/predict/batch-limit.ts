// The time limit of a batch, after which its thread counts as hung. A fixed limit would end healthy threads of a large
// model on a slow machine, so the limit grows with the time that the model needs: the time to load it (which includes a long
// article, run to warm it up) and the slowest batch so far.
export interface BatchLimit {
  /** Records the time of a start or of a batch. */
  learn(ms: number): void;
  ms(): number;
}

/** A batch may take this many times the slowest time so far. */
const FACTOR = 10;

/** @param leastMs  the limit while everything is fast */
export function createBatchLimit(leastMs: number): BatchLimit {
  let slowestMs = 0;
  return {
    learn: (ms) => {
      slowestMs = Math.max(slowestMs, ms);
    },
    ms: () => Math.max(leastMs, FACTOR * slowestMs),
  };
}
