// A view whose code is loaded when it is first shown.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FailureNote } from './page-frame.tsx';
import { strings } from './strings.ts';

type Loaded<P> = { readonly Component: ComponentType<P> } | 'loading' | 'failed';

export interface LazyViewProps<P> {
  /** Must be the same function on every render. */
  readonly load: () => Promise<ComponentType<P>>;
  readonly props: P;
}

export function LazyView<P extends object>({ load, props }: LazyViewProps<P>) {
  const [loaded, setLoaded] = useState<Loaded<P>>('loading');
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    setLoaded('loading');
    load().then(
      (Component) => current && setLoaded({ Component }),
      () => current && setLoaded('failed'),
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  if (loaded === 'loading') return <p class="fine view-loading">{strings.viewLoading}</p>;
  // Browsers remember that a module failed to load, so after two attempts the button reloads the whole page.
  if (loaded === 'failed')
    return (
      <div class="panel" role="alert">
        <FailureNote
          failure={{ code: 'UNREACHABLE' }}
          onRetry={() => (attempt > 0 ? location.reload() : setAttempt(attempt + 1))}
        />
      </div>
    );
  const { Component } = loaded;
  return <Component {...props} />;
}
