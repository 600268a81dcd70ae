// Works on many items at once.
import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';

const BREATH_MS = 20;

/**
 * Calls `work` for each item, for several at once. The first failure ends the signal that `work` gets, and no further item is begun.
 * @throws that failure, or the signal's reason, once nothing runs any more
 */
export async function runJobs<T>(
  items: Iterable<T>,
  jobs: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const end = new AbortController();
  setMaxListeners(0, end.signal); // each job listens
  const stop = (): void => end.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const queue = items[Symbol.iterator]();
  let breathedMs = performance.now();
  const runJob = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const next = queue.next();
      if (next.done === true) return;
      try {
        await work(next.value, end.signal);
      } catch (error) {
        end.abort(error); // changes nothing if it is not the first
      }
      // Small files are moved without a pause: signals and the bar have to be served.
      if (performance.now() - breathedMs > BREATH_MS) {
        await setImmediate();
        breathedMs = performance.now();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, jobs) }, runJob));
    end.signal.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
