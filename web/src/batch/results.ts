// Sorts, filters and formats the predictions of a file.
import type { BatchRow } from './predict-file.ts';

export type Column = 'line' | 'title' | 'prediction' | 'probability';
export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

/** The result of a row: a class, or one of the two other outcomes. */
export type Kind = { readonly label: string } | 'not sure' | 'rejected';

export function kindOf({ answer }: BatchRow): Kind {
  if (answer === null) return 'rejected';
  return answer.abstained ? 'not sure' : { label: answer.label };
}

export function isKind(row: BatchRow, kind: Kind | null): boolean {
  if (kind === null) return true;
  const own = kindOf(row);
  if (typeof own === 'string' || typeof kind === 'string') return own === kind;
  return own.label === kind.label;
}

export function sortRows(rows: readonly BatchRow[], { column, descending }: Order): BatchRow[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(a, b, column) || a.line - b.line);
}

function compare(a: BatchRow, b: BatchRow, column: Column): number {
  if (column === 'line') return a.line - b.line;
  if (column === 'title') return a.title.localeCompare(b.title);
  if (column === 'probability') return (a.answer?.probability ?? -1) - (b.answer?.probability ?? -1);
  return rank(a).localeCompare(rank(b));
}

/** The sort key of a row: classes by name, then rows without a class. */
function rank({ answer }: BatchRow): string {
  if (answer === null) return '\uFFFF2';
  return answer.abstained ? `\uFFFF1${answer.label}` : answer.label;
}

/**
 * Formats rows as CSV by RFC 4180, with a column for each class, in the order of the file. The file's other columns follow;
 * one that has a name of ours begins with `row.`.
 */
export function formatResults(rows: readonly BatchRow[], classNames: readonly string[]): string {
  const header = [
    'line',
    'id',
    'title',
    'label',
    'probability',
    'abstained',
    ...classNames.map((name) => `probability_${name}`),
    'modelVersion',
    'predictionId',
    'warnings',
    'error',
  ];
  const others = [...new Set(rows.flatMap((row) => Object.keys(row.others)))];
  const names = [...header];
  for (const other of others) {
    let name = other;
    while (names.includes(name)) name = `row.${name}`;
    names.push(name);
  }
  const body = rows.map((row) => {
    const { line, id, title, answer, reason } = row;
    return [
      String(line),
      id,
      title,
      answer?.label ?? '',
      answer?.probability.toFixed(6) ?? '',
      answer === null ? '' : String(answer.abstained),
      ...classNames.map((name) => answer?.probabilities[name]?.toFixed(6) ?? ''),
      answer?.modelVersion ?? '',
      answer?.predictionId ?? '',
      answer?.warnings.join(' ') ?? '',
      reason,
      ...others.map((name) => (Object.hasOwn(row.others, name) ? formatValue(row.others[name]) : '')),
    ];
  });
  return [names, ...body].map((row) => `${row.map(formatField).join(',')}\r\n`).join('');
}

function formatValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Formats a field. A leading quote prevents spreadsheets from running a text that looks like a formula. */
function formatField(value: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(value);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
