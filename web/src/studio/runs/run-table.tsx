// The table of runs. Only the rows in sight are in the document, so that hundreds of runs scroll smoothly.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RunFacts } from '../../../../src/client/studio-types.ts';
import { LookMark } from '../charts/chart-legend.tsx';
import type { Look } from '../charts/series-looks.ts';
import { linkToPlace } from '../place.ts';
import { studioStrings } from '../studio-strings.ts';
import { nameRun, RUN_COLUMN, type RunColumn, shortenId } from './columns.ts';
import { StatusMark } from './status-mark.tsx';
import { findVisibleRows } from './visible-rows.ts';

/** Pixels; the style sheet gives rows this height. */
const ROW_HEIGHT = 44;

export interface RunTableProps {
  readonly runs: readonly RunFacts[];
  readonly columns: readonly RunColumn[];
  readonly looks: ReadonlyMap<string, Look>;
  readonly chosen: readonly string[];
  readonly onSelect: (id: string, isOn: boolean) => void;
  readonly sort: { readonly id: string; readonly isDescending: boolean };
  readonly onSort: (id: string, isDescending: boolean) => void;
  readonly highlighted: string | null;
  readonly onHighlight: (id: string | null) => void;
}

export function RunTable(props: RunTableProps) {
  const { runs, columns, looks, chosen, onSelect, sort, onSort, highlighted, onHighlight } = props;
  const frame = useRef<HTMLElement>(null);
  const [view, setView] = useState({ scrollTop: 0, height: 600 });
  useLayoutEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const read = (): void => setView({ scrollTop: current.scrollTop, height: current.clientHeight });
    const resized = new ResizeObserver(read);
    resized.observe(current);
    return () => resized.disconnect();
  }, []);
  const rows = findVisibleRows({ count: runs.length, rowHeight: ROW_HEIGHT, ...view });
  const all = [RUN_COLUMN, ...columns];
  return (
    <section
      ref={frame}
      class="table-frame run-table"
      aria-label={studioStrings.tableLabel(runs.length)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, clientHeight } = event.currentTarget;
        setView({ scrollTop, height: clientHeight });
      }}
    >
      <table aria-rowcount={runs.length + 1}>
        <colgroup>
          {all.map((column) => (
            <col key={column.id} class={`col-${column.kind}`} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {all.map((column) => (
              <SortHeader key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={rows.above} span={all.length} />
          {runs.slice(rows.from, rows.to).map((run, index) => (
            <RunRow
              key={run.id}
              run={run}
              columns={columns}
              position={rows.from + index + 2}
              look={looks.get(run.id)}
              isChosen={chosen.includes(run.id)}
              isNear={run.id === highlighted}
              onSelect={onSelect}
              onHighlight={onHighlight}
            />
          ))}
          <Spacer height={rows.below} span={all.length} />
        </tbody>
      </table>
    </section>
  );
}

function SortHeader(props: {
  readonly column: RunColumn;
  readonly sort: RunTableProps['sort'];
  readonly onSort: RunTableProps['onSort'];
}) {
  const { column, sort, onSort } = props;
  const isSorted = sort.id === column.id;
  // numbers and times are first sorted from the top
  const isDescending = isSorted ? !sort.isDescending : column.kind === 'number' || column.kind === 'time';
  return (
    <th
      scope="col"
      class={`cell-${column.kind}`}
      aria-sort={isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="sort" onClick={() => onSort(column.id, isDescending)}>
        {column.label}
        <span class="arrow" aria-hidden="true">
          {isSorted ? (sort.isDescending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

interface RunRowProps {
  readonly run: RunFacts;
  readonly columns: readonly RunColumn[];
  readonly position: number;
  readonly look: Look | undefined;
  readonly isChosen: boolean;
  readonly isNear: boolean;
  readonly onSelect: (id: string, isOn: boolean) => void;
  readonly onHighlight: (id: string | null) => void;
}

function RunRow(props: RunRowProps) {
  const { run, columns, position, look, isChosen, isNear, onSelect, onHighlight } = props;
  return (
    <tr
      aria-rowindex={position}
      class={isNear ? 'near' : ''}
      onMouseEnter={() => look !== undefined && onHighlight(run.id)}
      onMouseLeave={() => look !== undefined && onHighlight(null)}
    >
      <th scope="row" class="cell-run">
        <input
          type="checkbox"
          aria-label={studioStrings.select(nameRun(run))}
          checked={isChosen}
          onChange={(event) => onSelect(run.id, event.currentTarget.checked)}
        />
        {look === undefined ? <span class="look" /> : <LookMark look={look} />}
        <a href={linkToPlace('runs', run.id)} title={run.id}>
          {run.model} <span class="short-id">{shortenId(run.id)}</span>
        </a>
      </th>
      {columns.map((column) => (
        <td key={column.id} class={`cell-${column.kind}`} title={column.text(run)}>
          {column.kind === 'status' ? <StatusMark status={run.status} /> : column.text(run)}
        </td>
      ))}
    </tr>
  );
}

/** Stands for the rows that are not in the document. */
function Spacer({ height, span }: { readonly height: number; readonly span: number }) {
  const cell = useRef<HTMLTableCellElement>(null);
  useLayoutEffect(() => {
    if (cell.current !== null) cell.current.style.height = `${height}px`;
  }, [height]);
  if (height === 0) return null;
  return (
    <tr class="spacer">
      <td ref={cell} colSpan={span} />
    </tr>
  );
}
