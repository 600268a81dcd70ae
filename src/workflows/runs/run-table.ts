// Runs and their points as tables, for CSV and for other programs.
import {
  assertRunField,
  type RunFieldValue,
  type RunSummary,
  readRunField,
} from '../../keeping/runs/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** One cell of a table for other programs. */
export type TableCell = RunFieldValue | undefined;

/** The chosen fields of each run. @throws RUN_FIELD_UNKNOWN */
export function readRunColumns(
  runs: readonly RunSummary[],
  columns: readonly string[],
): Record<string, RunFieldValue>[] {
  for (const column of columns) assertRunField(runs, column);
  return runs.map((run) => Object.fromEntries(columns.map((name) => [name, readRunField(run, name)])));
}

/** One point of a metric, as a row. */
export interface PointRow {
  readonly run: string;
  readonly metric: string;
  readonly step: number;
  readonly epoch: number;
  readonly articles: number;
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly value: number;
  /** Only where hidden points were asked for. */
  readonly attempt?: number;
  readonly hidden?: boolean;
}

export interface PointRequest {
  readonly ids: readonly string[];
  /** Absent: all metrics. */
  readonly metrics?: readonly string[];
  /** Also points that a resume has hidden. */
  readonly includeHidden?: boolean;
}

/** The points of runs in their order: run by run, metric by metric, step by step. @throws RUN_NOT_FOUND, RECORD_INVALID */
export async function* readPointRows(
  { ids, metrics, includeHidden = false }: PointRequest,
  { stores: { runs } }: Pick<WorkflowContext, 'stores'>,
): AsyncGenerator<PointRow> {
  for (const run of ids) {
    const names = (await runs.listMetrics(run)).map(({ name }) => name);
    for (const metric of metrics ?? names) {
      const points = includeHidden
        ? await runs.loadPoints(run, metric, { includeHidden: true })
        : await runs.loadPoints(run, metric);
      for (const { timeMs, ...point } of points)
        yield { run, metric, time: new Date(timeMs).toISOString(), ...point };
    }
  }
}

/** A table as CSV (RFC 4180, lines end with LF); numbers that are not finite as NaN, Infinity, -Infinity. */
export function formatCsvTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, TableCell>>[],
): string {
  return [formatCsvRow(columns), ...rows.map((row) => formatCsvRow(columns.map((name) => row[name])))].join(
    '\n',
  );
}

export function formatCsvRow(cells: readonly TableCell[]): string {
  return cells.map(formatCsvCell).join(',');
}

/** A text that a spreadsheet would run as a formula is preceded by an apostrophe. */
function formatCsvCell(cell: TableCell): string {
  if (cell === null || cell === undefined) return '';
  const text = Array.isArray(cell) ? cell.join(' ') : String(cell);
  const safe = typeof cell !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
