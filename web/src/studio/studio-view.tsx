// The studio: runs, sweeps, lineage and the registry, for those who train and serve. Its code and styles are loaded when it
// is first shown, so that the page of a fact-checker stays small.
import './studio.css';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { FailureFacts } from '../api.ts';
import { KeyNotice } from '../key-notice.tsx';
import { LazyView } from '../lazy-view.tsx';
import { FailureNote } from '../page-frame.tsx';
import { strings } from '../strings.ts';
import { goTo, linkToPlace, type Place, parsePlace, SECTIONS, type Section } from './place.ts';
import { studioStrings } from './studio-strings.ts';

/** The properties that every view of the studio receives. */
export interface StudioViewProps {
  readonly place: Place;
  /** Called with a failure that an API key would mend. */
  readonly onKeyNeeded: (failure: FailureFacts) => void;
}

const VIEWS = {
  runs: () => import('./runs/runs-view.tsx').then((module) => module.RunsView),
  run: () => import('./runs/run-view.tsx').then((module) => module.RunView),
  sweeps: () => import('./sweeps/sweeps-view.tsx').then((module) => module.SweepsView),
  lineage: () => import('./lineage/lineage-view.tsx').then((module) => module.LineageView),
  registry: () => import('./registry/registry-view.tsx').then((module) => module.RegistryView),
};

export function StudioView({ path }: { readonly path: string }) {
  const place = parsePlace(path);
  const [keyFailure, setKeyFailure] = useState<FailureFacts | null>(null);
  const [attempt, setAttempt] = useState(0);
  const onKeyNeeded = useCallback((failure: FailureFacts) => setKeyFailure(failure), []);
  const main = useStudioArrival(place);
  useSectionKeys();
  useClosingMenus();
  const view = place.section === 'runs' && place.id !== undefined ? 'run' : place.section;
  return (
    <div class="studio">
      <header class="masthead">
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          {strings.skip}
        </button>
        <p class="wordmark">{studioStrings.name}</p>
        <nav class="views" aria-label={studioStrings.sectionsLabel}>
          {SECTIONS.map((section) => (
            <a
              key={section}
              href={linkToPlace(section)}
              aria-current={section === place.section ? 'page' : undefined}
            >
              {studioStrings.sections[section]}
            </a>
          ))}
          <a class="to-checker" href="#/check">
            {studioStrings.toChecker}
          </a>
        </nav>
      </header>
      <main ref={main} tabIndex={-1}>
        {keyFailure !== null && (
          <KeyNotice
            // a key without the scope is in the way of a better one
            failure={keyFailure.code === 'KEY_SCOPE' ? { code: 'KEY_REQUIRED' } : keyFailure}
            onKey={() => {
              setKeyFailure(null);
              setAttempt(attempt + 1);
            }}
          />
        )}
        <LazyView key={`${view} ${attempt}`} load={VIEWS[view]} props={{ place, onKeyNeeded }} />
      </main>
      <footer class="colophon">
        <p>{studioStrings.footer}</p>
        <details class="shortcuts">
          <summary>{studioStrings.shortcuts}</summary>
          <dl>
            {studioStrings.shortcutList.map(([keys, meaning]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </details>
      </footer>
    </div>
  );
}

/** Scrolls to the top of another view and focuses it; what is chosen within a view moves nothing. */
function useStudioArrival({ section, id }: Place) {
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = studioStrings.documentTitle(studioStrings.sections[section], id);
    if (!isFirst.current) {
      scrollTo({ top: 0, behavior: 'instant' });
      main.current?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [section, id]);
  return main;
}

const SECTION_KEYS: Readonly<Record<string, Section>> = {
  r: 'runs',
  s: 'sweeps',
  l: 'lineage',
  m: 'registry',
};

/** "g" and a letter show a part of the studio, "/" goes to the filter; not while one types. */
function useSectionKeys(): void {
  useEffect(() => {
    let before = '';
    const follow = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea, select')) return;
      const section = SECTION_KEYS[event.key];
      if (before === 'g' && section !== undefined) goTo({ section, query: {} });
      const filter = document.querySelector<HTMLInputElement>('#filter');
      if (event.key === '/' && filter !== null) {
        event.preventDefault();
        filter.focus();
      }
      before = event.key;
    };
    addEventListener('keydown', follow);
    return () => removeEventListener('keydown', follow);
  }, []);
}

/** An open menu closes when one presses elsewhere, or Escape, which leads back to its button. */
function useClosingMenus(): void {
  useEffect(() => {
    const close = (event: Event): void => {
      for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
        if (event instanceof KeyboardEvent) {
          if (event.key !== 'Escape') return;
          menu.open = false;
          if (menu.contains(document.activeElement)) menu.querySelector('summary')?.focus();
        } else if (!menu.contains(event.target as Node)) menu.open = false;
      }
    };
    addEventListener('pointerdown', close);
    addEventListener('keydown', close);
    return () => {
      removeEventListener('pointerdown', close);
      removeEventListener('keydown', close);
    };
  }, []);
}

/** A failure of a view of the studio. */
export function StudioFailure(props: { readonly failure: FailureFacts; readonly onRetry: () => void }) {
  return (
    <div class="panel" role="alert">
      <FailureNote {...props} />
    </div>
  );
}
