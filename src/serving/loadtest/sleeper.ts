// Waiting that can be ended for everybody at once, without a listener a waiter on one signal.

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
