// The view "Runs": the curves of the selected runs above the table of all, and what differs in their configurations.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RunFacts, RunsFound } from '../../../../src/client/studio-types.ts';
import { assignLooks, type Look } from '../charts/series-looks.ts';
import { splitList, useQuery } from '../place.ts';
import { studioStrings } from '../studio-strings.ts';
import { StudioFailure, type StudioViewProps } from '../studio-view.tsx';
import { ColumnChoice } from './column-choice.tsx';
import { DEFAULT_COLUMNS, findColumn, RUN_COLUMN, type RunColumn, sortRuns } from './columns.ts';
import { Differences } from './differences.tsx';
import { FilterForm } from './filter-form.tsx';
import { RunCurves } from './run-curves.tsx';
import { RunTable } from './run-table.tsx';
import { useRuns } from './use-runs.ts';

/** Without a selection, this many of the newest runs are drawn. */
const NEWEST = 5;
const MOST_DRAWN = 24;

export function RunsView({ place, onKeyNeeded }: StudioViewProps) {
  const { query } = place;
  const change = useQuery(place);
  const columns = useMemo(() => readColumns(query.cols), [query.cols]);
  const config = columns.flatMap(({ id }) => (id.startsWith('config:') ? [id.slice(7)] : [])).join(',');
  const follow = useRef<Parameters<typeof useRuns>[2]>(undefined);
  const { runs, isLive, retry } = useRuns(query.where ?? '', config, (changes) => follow.current?.(changes));
  const [highlighted, setHighlighted] = useState<string | null>(null);

  useEffect(() => {
    if (runs.state === 'failed') onKeyNeeded(runs.failure);
  }, [runs]);

  return (
    <>
      <div class="intro studio-intro">
        <div>
          <h1>{studioStrings.runsHeading}</h1>
          {runs.state === 'loaded' && (
            <p class="fine">
              {studioStrings.runsLead(runs.value.runs.length, runs.value.total)}{' '}
              {runs.value.damaged.length > 0 && studioStrings.runsDamaged(runs.value.damaged.length)}
            </p>
          )}
        </div>
        {runs.state === 'loaded' && (
          <p class={isLive ? 'live' : 'live lost'} role="status">
            {isLive ? studioStrings.live : studioStrings.liveLost}
          </p>
        )}
      </div>
      <FilterForm where={query.where ?? ''} onWhere={(where) => change({ where, runs: '' })} />
      {runs.state === 'loading' && <p class="fine view-loading">{studioStrings.loading}</p>}
      {runs.state === 'failed' && <StudioFailure failure={runs.failure} onRetry={retry} />}
      {runs.state === 'loaded' && (
        <FoundRuns
          found={runs.value}
          query={query}
          change={change}
          columns={columns}
          follow={follow}
          highlighted={highlighted}
          onHighlight={setHighlighted}
        />
      )}
    </>
  );
}

function readColumns(cols: string | undefined): readonly RunColumn[] {
  const ids = cols === undefined ? DEFAULT_COLUMNS : splitList(cols);
  return ids.flatMap((id) => findColumn(id) ?? []);
}

/** Reads `min:val_loss.up`; the newest first if nothing is chosen. */
function readSort(sort: string | undefined): { readonly id: string; readonly isDescending: boolean } {
  const [, id, direction] = /^(.+)\.(up|down)$/.exec(sort ?? '') ?? [];
  return id === undefined
    ? { id: 'started', isDescending: true }
    : { id, isDescending: direction === 'down' };
}

interface FoundRunsProps {
  readonly found: RunsFound;
  readonly query: StudioViewProps['place']['query'];
  readonly change: (changes: Readonly<Record<string, string>>) => void;
  readonly columns: readonly RunColumn[];
  readonly follow: { current: Parameters<typeof useRuns>[2] };
  readonly highlighted: string | null;
  readonly onHighlight: (id: string | null) => void;
}

function FoundRuns(props: FoundRunsProps) {
  const { found, query, change, columns, follow, highlighted, onHighlight } = props;
  const chosen = splitList(query.runs);
  const drawn = useDrawnRuns(found.runs, query.runs);
  const looks = useLooks(drawn);
  const { id: sortId, isDescending } = readSort(query.sort);
  const sorted = useMemo(
    () => sortRuns(found.runs, findColumn(sortId) ?? RUN_COLUMN, isDescending),
    [found.runs, sortId, isDescending],
  );
  const select = useCallback(
    (id: string, isOn: boolean) => {
      const now = splitList(query.runs);
      change({ runs: (isOn ? [...now, id] : now.filter((other) => other !== id)).join(',') });
    },
    [query.runs],
  );

  if (found.total === 0 && found.runs.length === 0)
    return (
      <div class="empty">
        <p>{query.where ? studioStrings.runsNoneFit : studioStrings.runsNone}</p>
        <p class="fine">{query.where ? studioStrings.runsNoneFitAdvice : studioStrings.runsNoneAdvice}</p>
      </div>
    );
  return (
    <>
      <RunCurves
        runs={drawn}
        looks={looks}
        query={query}
        change={change}
        follow={follow}
        highlighted={highlighted}
        onHighlight={onHighlight}
      />
      <div class="table-tools">
        <p class="fine" aria-live="polite">
          {chosen.length > MOST_DRAWN
            ? studioStrings.tooMany(MOST_DRAWN)
            : studioStrings.drawn(drawn.length, chosen.length > 0)}
        </p>
        {chosen.length > 0 && (
          <button type="button" class="small" onClick={() => change({ runs: '' })}>
            {studioStrings.selectNone}
          </button>
        )}
        <ColumnChoice
          runs={found.runs}
          columns={columns}
          onColumns={(ids) => change({ cols: ids.join(',') })}
        />
      </div>
      <RunTable
        runs={sorted}
        columns={columns}
        looks={looks}
        chosen={chosen}
        onSelect={select}
        sort={{ id: sortId, isDescending }}
        onSort={(id, isDescending) => change({ sort: `${id}.${isDescending ? 'down' : 'up'}` })}
        highlighted={highlighted}
        onHighlight={onHighlight}
      />
      {chosen.length > 1 && <Differences runs={drawn} looks={looks} />}
    </>
  );
}

/** The selected runs in the order of their selection, or the newest. */
function useDrawnRuns(runs: readonly RunFacts[], selection: string | undefined): readonly RunFacts[] {
  return useMemo(() => {
    const chosen = splitList(selection);
    if (chosen.length === 0) return runs.slice(0, NEWEST);
    const byId = new Map(runs.map((run) => [run.id, run]));
    return chosen.flatMap((id) => byId.get(id) ?? []).slice(0, MOST_DRAWN);
  }, [runs, selection]);
}

/** Looks that stay with their runs while these are drawn. */
function useLooks(runs: readonly RunFacts[]): ReadonlyMap<string, Look> {
  const held = useRef<Map<string, Look>>(new Map());
  const ids = runs.map(({ id }) => id).join(',');
  return useMemo(() => {
    held.current = assignLooks(splitList(ids), held.current);
    return held.current;
  }, [ids]);
}
