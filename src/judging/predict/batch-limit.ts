// How long a thread may take over one part before it counts as hung. A fixed number would end healthy threads of a large
// model on a slow machine, so it grows with what the model takes: loading it (a long article is judged then, to warm it
// up), and the slowest part it has answered.
export interface BatchLimit {
  /** A thread was ready after so long, or a part answered. */
  learn(ms: number): void;
  ms(): number;
}

/** Times as long as the slowest so far. */
const FACTOR = 10;

/** @param leastMs  the limit where everything is fast */
export function createBatchLimit(leastMs: number): BatchLimit {
  let slowestMs = 0;
  return {
    learn: (ms) => {
      slowestMs = Math.max(slowestMs, ms);
    },
    ms: () => Math.max(leastMs, FACTOR * slowestMs),
  };
}
