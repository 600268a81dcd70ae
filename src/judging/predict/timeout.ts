// Waits for a response from a thread, but no longer than a limit. Only time in which this process runs counts: after the
// machine slept, or the event loop was blocked, a single timer would fire before a response that has already arrived is read.

/** The outcome of waiting for a response. */
export type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'timed out'; readonly limitMs: number };

/** The limit is counted in so many ticks of a timer, so a pause of this process uses up one eighth of it at most. */
const TICKS = 8;

/** Settles as soon as `answer` does, or after `limitMs` of waiting. Never rejects. */
export function settleWithin<T>(answer: Promise<T>, limitMs: number): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    let ticksLeft = TICKS;
    const timer = setInterval(() => {
      ticksLeft--;
      if (ticksLeft > 0) return;
      clearInterval(timer);
      resolve({ kind: 'timed out', limitMs });
    }, limitMs / TICKS);
    answer.then(
      (value) => {
        clearInterval(timer);
        resolve({ kind: 'answered', value });
      },
      (error: unknown) => {
        clearInterval(timer);
        resolve({ kind: 'failed', error });
      },
    );
  });
}
