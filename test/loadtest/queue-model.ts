// A model of a server with known speed: it handles one request after the other, each in the same time, with a stall or a
// full queue if wanted. The real and the simulated server of these tests both follow it.

export interface QueueOptions {
  /** Time for each request, one after the other; 0 responds to all at once. */
  readonly serviceMs?: number;
  /** Stalls for this time after the first request. */
  readonly stall?: { readonly fromMs: number; readonly toMs: number };
  /** Requests that wait at once; further ones are refused. */
  readonly queue?: number;
}

export interface QueueModel {
  /** Milliseconds until the response to a request that arrives at `nowMs`; null: refused. */
  admit(nowMs: number): number | null;
  /** Called when a response was sent. */
  release(): void;
}

export function createQueueModel(options: QueueOptions): QueueModel {
  const { serviceMs = 0, stall, queue = Number.POSITIVE_INFINITY } = options;
  let [freeMs, waiting, firstMs] = [0, 0, Number.NaN];
  return {
    admit: (nowMs) => {
      if (waiting >= queue) return null;
      if (Number.isNaN(firstMs)) firstMs = nowMs;
      let startMs = Math.max(nowMs, freeMs);
      if (stall !== undefined && startMs >= firstMs + stall.fromMs && startMs < firstMs + stall.toMs)
        startMs = firstMs + stall.toMs;
      freeMs = serviceMs > 0 ? startMs + serviceMs : freeMs;
      waiting++;
      return startMs + serviceMs - nowMs;
    },
    release: () => {
      waiting--;
    },
  };
}
