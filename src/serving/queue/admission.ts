// Who may wait. A burst may wait up to a budget. Where more work comes than the threads can do for longer than a
// burst, every queue fills up to whatever is allowed and stays full, which helps nobody: then something needs to wait
// only so that no thread stands idle until the next request comes, so the budget is a few of the gaps between requests,
// at most half the time of one article. (Maurer 2015, "Fail at Scale", ACM Queue 13(8): controlled delay; here overload
// is told by what is offered, not by the queue's age, so that steady users below it never see it.)
export interface AdmissionRequest {
  readonly nowMs: number;
  /** Until the request's last article could begin, were only others' work counted. */
  readonly waitMs: number;
  /** What the request would take of one thread. */
  readonly workMs: number;
  /** Threads that share the work. */
  readonly workers: number;
  /** What the longest article takes of one thread. */
  readonly longestMs: number;
}

export interface Admission {
  /** The wait that is allowed now, in milliseconds; the request may come in if it waits no longer. */
  decide(request: AdmissionRequest): { readonly admitted: boolean; readonly budgetMs: number };
}

/** How long work is counted before it is compared with what the threads can do. */
const WINDOW_MS = 500;
/** Of the longest article's time: what a thread may have waiting for it while more comes than it can do. */
const OVERLOADED_SHARE = 0.5;
/** Requests that come at random leave a gap of more than four mean ones once in 55. */
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
    // a long pause is no overload; nor is a burst that was taken whole
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
