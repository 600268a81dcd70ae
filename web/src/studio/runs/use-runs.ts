// The list of runs, kept up to date by the server's events: what changes is replaced, and nothing is fetched again.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { RunChanges, RunFacts, RunsFound } from '../../../../src/client/studio-types.ts';
import type { Loadable } from '../../loading.ts';
import { asFailure } from '../../loading.ts';
import { listRuns, watchRuns } from '../studio-api.ts';

export interface LiveRuns {
  readonly runs: Loadable<RunsFound>;
  /** True while the events arrive. */
  readonly isLive: boolean;
  readonly retry: () => void;
}

const RETRY_MS = 2000;

/**
 * @param where the filter; with one, a run that is new is looked up by the server
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
    const known = new Set<string>();
    let cursor = '';
    const load = async (): Promise<void> => {
      const found = await listRuns(
        { where, ...(config === '' ? {} : { config: config.split(',') }) },
        signal,
      );
      for (const { id } of found.runs) known.add(id);
      cursor = found.cursor;
      setRuns({ state: 'loaded', value: found });
    };
    const take = (changes: RunChanges): void => {
      cursor = changes.cursor;
      const needsServer = (where !== '' || config !== '') && changes.runs.some(({ id }) => !known.has(id));
      for (const { id } of changes.runs) known.add(id);
      setRuns((before) =>
        before.state === 'loaded'
          ? { state: 'loaded', value: applyChanges(before.value, changes, where === '') }
          : before,
      );
      notify.current(changes);
      if (needsServer) void load().catch(() => undefined);
    };
    const follow = async (): Promise<void> => {
      while (!signal.aborted) {
        await watchRuns({ cursor, onOpen: () => setIsLive(true), onChanges: take }, signal).catch(
          () => undefined,
        );
        if (signal.aborted) return;
        setIsLive(false);
        await wait(RETRY_MS, signal);
      }
    };
    load().then(follow, (error: unknown) => {
      if (!signal.aborted) setRuns({ state: 'failed', failure: asFailure(error) });
    });
    return () => controller.abort();
  }, [where, config, attempt]);
  return { runs, isLive, retry };
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
