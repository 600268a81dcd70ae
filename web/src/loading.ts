// A hook for data that is loaded when the page opens and can be loaded again.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type FailureFacts, RequestFailure } from './api.ts';

export type Loadable<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'loaded'; readonly value: T }
  | { readonly state: 'failed'; readonly failure: FailureFacts };

/** @returns the current state and a function that loads again; loaded data stays until the new data arrives */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): [Loadable<T>, () => void] {
  const [loaded, setLoaded] = useState<Loadable<T>>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const loading = useRef(load);
  useEffect(() => {
    // What was loaded by another function is something else, such as the receipt of another prediction.
    if (loading.current !== load) setLoaded({ state: 'loading' });
    loading.current = load;
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setLoaded({ state: 'loaded', value }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setLoaded((before) =>
          before.state === 'loaded' ? before : { state: 'failed', failure: asFailure(error) },
        );
      },
    );
    return () => controller.abort();
  }, [load, attempt]);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return [loaded, again];
}

/** The facts of a failed request; any other error is a bug of the page and is thrown again. */
export function asFailure(error: unknown): FailureFacts {
  if (error instanceof RequestFailure) return error.facts;
  throw error;
}
