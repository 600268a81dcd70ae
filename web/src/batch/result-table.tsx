// The table of predictions: filtered by class, sorted by a column, fifty rows on a page.
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { formatAddress } from '../address.ts';
import { ClassMark } from '../class-look.tsx';
import { formatCount, formatPredicted } from '../numbers.ts';
import { strings } from '../strings.ts';
import type { BatchRow } from './predict-file.ts';
import { type Column, isKind, type Kind, type Order, sortRows } from './results.ts';

const PAGE_ROWS = 50;
const COLUMNS: readonly Column[] = ['line', 'title', 'prediction', 'probability'];

export interface ResultTableProps {
  readonly rows: readonly BatchRow[];
  /** In the order of the model. */
  readonly classNames: readonly string[];
  /** Below it the model says "not sure". */
  readonly threshold: number;
  readonly actions: ComponentChildren;
}

export function ResultTable({ rows, classNames, threshold, actions }: ResultTableProps) {
  const [order, setOrder] = useState<Order>({ column: 'line', descending: false });
  const [kind, setKind] = useState<Kind | null>(null);
  const [page, setPage] = useState(0);
  const sorted = useMemo(
    () =>
      sortRows(
        rows.filter((row) => isKind(row, kind)),
        order,
      ),
    [rows, kind, order],
  );
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE_ROWS));
  const current = Math.min(page, pages - 1);
  const shown = sorted.slice(current * PAGE_ROWS, (current + 1) * PAGE_ROWS);

  const choose = (next: Kind | null): void => {
    setKind(next);
    setPage(0);
  };
  const sortBy = (column: Column): void => {
    setOrder({ column, descending: order.column === column ? !order.descending : column === 'probability' });
    setPage(0);
  };

  return (
    <div class="results">
      <div class="results-head">
        <h2 id="results-heading">{strings.resultsHeading}</h2>
        <div class="actions">{actions}</div>
      </div>
      <KindChoice rows={rows} classNames={classNames} kind={kind} onChoose={choose} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to reach what scrolls */}
      <section class="table-frame" aria-labelledby="results-heading" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th
                  key={column}
                  scope="col"
                  class={`col-${column}`}
                  aria-sort={order.column !== column ? 'none' : order.descending ? 'descending' : 'ascending'}
                >
                  <button type="button" class="sort" onClick={() => sortBy(column)}>
                    {strings.columns[column]}
                    <span class="arrow" aria-hidden="true">
                      {order.column !== column ? '↕' : order.descending ? '↓' : '↑'}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={row.line} row={row} classNames={classNames} threshold={threshold} />
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 && (
        <nav class="pager" aria-label={strings.pagerLabel}>
          <button type="button" class="quiet" disabled={current === 0} onClick={() => setPage(current - 1)}>
            {strings.pagerBack}
          </button>
          <span>{strings.pagerPlace(current + 1, pages)}</span>
          <button
            type="button"
            class="quiet"
            disabled={current === pages - 1}
            onClick={() => setPage(current + 1)}
          >
            {strings.pagerOn}
          </button>
        </nav>
      )}
    </div>
  );
}

function KindChoice(props: {
  readonly rows: readonly BatchRow[];
  readonly classNames: readonly string[];
  readonly kind: Kind | null;
  readonly onChoose: (kind: Kind | null) => void;
}) {
  const { rows, classNames, kind, onChoose } = props;
  const kinds: readonly { readonly kind: Kind | null; readonly name: string; readonly index?: number }[] = [
    { kind: null, name: strings.kindAll },
    ...classNames.map((name, index) => ({ kind: { label: name }, name, index })),
    { kind: 'not sure', name: strings.notSure },
    { kind: 'rejected', name: strings.kindRejected },
  ];
  const counts = useMemo(
    () => kinds.map((one) => rows.filter((row) => isKind(row, one.kind)).length),
    [rows, classNames],
  );
  return (
    <fieldset class="kinds">
      <legend class="spoken">{strings.kindLegend}</legend>
      {kinds.map((one, position) => {
        if (counts[position] === 0 && typeof one.kind === 'string') return null;
        return (
          <button
            key={one.name}
            type="button"
            class="kind"
            aria-pressed={JSON.stringify(kind) === JSON.stringify(one.kind)}
            onClick={() => onChoose(one.kind)}
          >
            {one.index !== undefined && <ClassMark index={one.index} />}
            {one.name} <span class="count">{formatCount(counts[position]!)}</span>
          </button>
        );
      })}
    </fieldset>
  );
}

function Row(props: {
  readonly row: BatchRow;
  readonly classNames: readonly string[];
  readonly threshold: number;
}) {
  const { row, classNames, threshold } = props;
  const { line, id, title, answer, reason } = row;
  return (
    <tr class={answer === null ? 'rejected' : ''}>
      <td class="col-line">{line}</td>
      <td class="col-title">
        <span class="row-title">{title || strings.untitled}</span>
        {id !== '' && <span class="row-id">{id}</span>}
        {answer !== null && answer.warnings.length > 0 && (
          <details class="row-mind">
            <summary>{strings.rowWarnings(answer.warnings.length)}</summary>
            {answer.warnings.map((warning) => (
              <span key={warning} class="row-warning">
                {warning}
              </span>
            ))}
          </details>
        )}
      </td>
      {answer === null ? (
        <td class="col-prediction" colSpan={2}>
          <span class="row-warning">{strings.rowRejected(reason)}</span>
        </td>
      ) : (
        <>
          <td class="col-prediction">
            <ReceiptLink id={answer.predictionId}>
              <ClassMark index={answer.abstained ? -1 : classNames.indexOf(answer.label)} />
              {answer.abstained ? strings.notSureOf(answer.label) : answer.label}
            </ReceiptLink>
          </td>
          <td class="col-probability">{formatPredicted(answer, threshold)}</td>
        </>
      )}
    </tr>
  );
}

/** Links to the receipt, if there is one. */
function ReceiptLink({ id, children }: { readonly id: string | null; readonly children: ComponentChildren }) {
  return id === null ? <>{children}</> : <a href={formatAddress({ view: 'receipt', id })}>{children}</a>;
}
