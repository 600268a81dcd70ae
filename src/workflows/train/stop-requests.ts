// Looks for requests to stop a run, made through the store by a person at the page or at another machine, and turns one into
// the same signal that Ctrl-C gives.
import { appError } from '../../foundation/core/index.ts';
import type { RunStore } from '../../keeping/runs/index.ts';

const LOOK_EVERY_MS = 2000;

export interface StopRequests {
  /** Aborted by the signal that was passed in, or by a request for the run. */
  readonly signal: AbortSignal;
  /** Begins to look for requests for this run. */
  watch(runId: string): void;
  /** Stops the training from within. */
  stop(by: string): void;
  end(): void;
}

export function followStopRequests(
  runs: Pick<RunStore, 'isStopRequested'>,
  signal: AbortSignal,
  everyMs = LOOK_EVERY_MS,
): StopRequests {
  const requested = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  const stop = (by: string): void => requested.abort(appError('STOPPED', { by }));
  const look = async (runId: string): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      if (await runs.isStopRequested(runId)) stop('a request');
    } catch {
      // The store is away: its writer says so, and the next look may reach it.
    } finally {
      isLooking = false;
    }
  };
  return {
    signal: AbortSignal.any([signal, requested.signal]),
    watch(runId) {
      timer ??= setInterval(() => void look(runId), everyMs).unref();
    },
    stop,
    end: () => clearInterval(timer),
  };
}
