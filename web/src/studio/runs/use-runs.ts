// The list of runs, kept up to date by the server's events: what changes is replaced, and nothing is fetched again.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { RunChanges, RunFacts, RunsFound } from '../../../../src/client/studio-types.ts';
import type { Loadable } from '../../loading.ts';
import { asFailure } from '../../loading.ts';
import { listRuns, type Watching, watchRuns } from '../studio-api.ts';

export interface LiveRuns {
  readonly runs: Loadable<RunsFound>;
  /** True while the events arrive. */
  readonly isLive: boolean;
  readonly retry: () => void;
}

const RETRY_MS = 2000;

/**
 * @param where the filter; with one, the server is asked again when a run is new or its status changes
 * @param config dotted paths of the configuration to show
 * @param onChanges called with each change, after the list has it
 */
export function useRuns(
  where: string,
  config: string,
  onChanges: (changes: RunChanges) => void = () => undefined,
): LiveRuns {
  const [runs, setRuns] = useState<Loadable<RunsFound>>({ state: 'loading' });
  const [isLive, setIsLive] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const notify = useRef(onChanges);
  notify.current = onChanges;
  const retry = useCallback(() => setAttempt((count) => count + 1), []);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    /** The status of each run, by which a filter may find it or not. */
    const known = new Map<string, RunFacts['status']>();
    let cursor = '';
    const load = async (): Promise<void> => {
      const found = await listRuns(
        { where, ...(config === '' ? {} : { config: config.split(',') }) },
        signal,
      );
      for (const { id, status } of found.runs) known.set(id, status);
      cursor = found.cursor;
      setRuns({ state: 'loaded', value: found });
    };
    const take = (changes: RunChanges): void => {
      const needsServer =
        (where !== '' || config !== '') && changes.runs.some(({ id, status }) => known.get(id) !== status);
      for (const { id, status } of changes.runs) known.set(id, status);
      setRuns((before) =>
        before.state === 'loaded'
          ? { state: 'loaded', value: applyChanges(before.value, changes, where === '') }
          : before,
      );
      notify.current(changes);
      if (needsServer) void load().catch(() => undefined);
    };
    load().then(
      () =>
        followChanges(
          { cursor, onOpen: () => setIsLive(true), onChanges: take, onLost: () => setIsLive(false) },
          signal,
        ),
      (error: unknown) => {
        if (!signal.aborted) setRuns({ state: 'failed', failure: asFailure(error) });
      },
    );
    return () => controller.abort();
  }, [where, config, attempt]);
  return { runs, isLive, retry };
}

/**
 * Calls `onChanges` with what changes from now on, without a list; `onOpen` whenever a connection opens, because changes
 * before it did not arrive.
 */
export function useRunChanges(onChanges: (changes: RunChanges) => void, onOpen: () => void): void {
  const notify = useRef({ onChanges, onOpen });
  notify.current = { onChanges, onOpen };
  useEffect(() => {
    const controller = new AbortController();
    void followChanges(
      {
        cursor: '',
        onOpen: () => notify.current.onOpen(),
        onChanges: (changes) => notify.current.onChanges(changes),
        onLost: () => undefined,
      },
      controller.signal,
    );
    return () => controller.abort();
  }, []);
}

interface Following extends Watching {
  readonly onLost: () => void;
}

/** Watches the runs and connects again, where it was, until `signal` ends it. */
async function followChanges(
  { cursor, onOpen, onChanges, onLost }: Following,
  signal: AbortSignal,
): Promise<void> {
  let since = cursor;
  const take = (changes: RunChanges): void => {
    since = changes.cursor;
    onChanges(changes);
  };
  while (!signal.aborted) {
    await watchRuns({ cursor: since, onOpen, onChanges: take }, signal).catch(() => undefined);
    if (signal.aborted) return;
    onLost();
    await wait(RETRY_MS, signal);
  }
}

/** The list after a change. A run that is not listed is added only if the list has no filter. */
export function applyChanges(found: RunsFound, changes: RunChanges, addsNew: boolean): RunsFound {
  const changed = new Map(changes.runs.map((run) => [run.id, run]));
  const deleted = new Set(changes.deleted);
  const kept = found.runs
    .filter(({ id }) => !deleted.has(id))
    .map((run): RunFacts => {
      const now = changed.get(run.id);
      // a change does not carry the settings that the list was asked for
      return now === undefined ? run : { ...now, config: { ...run.config, ...now.config } };
    });
  const listed = new Set(found.runs.map(({ id }) => id));
  const added = addsNew ? changes.runs.filter(({ id }) => !listed.has(id) && !deleted.has(id)) : [];
  const lost = found.runs.length - kept.length;
  return {
    ...found,
    cursor: changes.cursor,
    total: found.total + added.length - lost,
    runs: [...added, ...kept].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
