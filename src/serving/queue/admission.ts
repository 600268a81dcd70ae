// Load shedding: decides whether a request may wait. A burst may wait up to a budget. When more work arrives than the
// threads can do for longer than a burst, any queue fills up to its limit and stays full, which only adds latency. Then
// something needs to wait only so that no thread is idle until the next request arrives, so the budget shrinks to a few
// gaps between requests and at most half the time of one article. (Maurer 2015, "Fail at Scale", ACM Queue 13(8):
// controlled delay; here overload is measured by the work offered, not by the queue's age, so that steady clients below
// it are never refused.)
export interface AdmissionRequest {
  readonly nowMs: number;
  /** Time until the request's last article could start, from the work of other requests alone. */
  readonly waitMs: number;
  /** Time that the request would take on one thread. */
  readonly workMs: number;
  /** Threads that share the work. */
  readonly workers: number;
  /** Time that the longest possible article takes on one thread. */
  readonly longestMs: number;
}

export interface Admission {
  /** Admits the request if it waits no longer than the budget allows now. */
  decide(request: AdmissionRequest): { readonly admitted: boolean; readonly budgetMs: number };
}

/** Offered work is summed over this time, then compared with what the threads can do. */
const WINDOW_MS = 500;
/** Share of the longest article's time that may wait for a thread during overload. */
const OVERLOADED_SHARE = 0.5;
/** Requests at random times leave a gap of more than four mean gaps once in 55. */
const GAPS = 4;

export function createAdmission(maxWaitMs: number): Admission {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let offeredMs = 0;
  let requests = 0;
  let refused = 0;
  let gapMs = 0; // mean of the last window
  let isOverloaded = false;

  const roll = ({ nowMs, workers }: AdmissionRequest): void => {
    const elapsedMs = nowMs - windowStartMs;
    if (elapsedMs < WINDOW_MS) return;
    // neither a long pause nor a burst that was admitted whole is an overload
    isOverloaded = elapsedMs < 2 * WINDOW_MS && offeredMs > elapsedMs * workers && refused > 0;
    gapMs = elapsedMs / Math.max(1, requests);
    windowStartMs = nowMs;
    offeredMs = 0;
    requests = 0;
    refused = 0;
  };

  return {
    decide: (request) => {
      roll(request);
      offeredMs += request.workMs;
      requests++;
      const budgetMs = isOverloaded
        ? Math.min(maxWaitMs, request.longestMs * OVERLOADED_SHARE, gapMs * GAPS)
        : maxWaitMs;
      const admitted = request.waitMs <= budgetMs;
      if (!admitted) refused++;
      return { admitted, budgetMs };
    },
  };
}
