// Pauses that can all be ended at once, without a listener on the abort signal for each of them.

export interface Sleeper {
  /** Resolves after `ms`, or at once when woken. */
  sleep(ms: number): Promise<void>;
  /** Ends all waiting, now and from now on. */
  wake(): void;
}

export function createSleeper(): Sleeper {
  const waiting = new Map<NodeJS.Timeout, () => void>();
  let awake = false;
  return {
    sleep: (ms) =>
      awake
        ? Promise.resolve()
        : new Promise((resolve) => {
            const timer = setTimeout(() => {
              waiting.delete(timer);
              resolve();
            }, ms);
            waiting.set(timer, resolve);
          }),
    wake: () => {
      awake = true;
      for (const [timer, resolve] of waiting) {
        clearTimeout(timer);
        resolve();
      }
      waiting.clear();
    },
  };
}
