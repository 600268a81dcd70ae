// Tries again what failed because the remote could not be reached or was busy. Everything else, such as missing rights,
// fails at once.
import { isAppError, pause } from '../../foundation/core/index.ts';

const TRIES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly firstPauseMs?: number | undefined;
  /** Grows while there is progress; then the tries are counted anew. */
  readonly mark?: () => number;
}

/** Calls `attempt` up to five times, with a pause that doubles. @throws its last error, or the signal's reason */
export async function retryUnreachable<T>(
  attempt: () => Promise<T>,
  { signal, firstPauseMs = FIRST_PAUSE_MS, mark = () => 0 }: RetryOptions = {},
): Promise<T> {
  let furthest = mark();
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isAppError(error) || error.code !== 'REMOTE_UNREACHABLE') throw error;
      failures = mark() > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, mark());
      if (failures >= TRIES) throw error;
      // Spread, so that many jobs do not come back at the same moment.
      const pauseMs =
        Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
      await pause(pauseMs, signal ?? new AbortController().signal);
    }
  }
}
