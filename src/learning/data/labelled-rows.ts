// Reads raw rows as labelled articles, before cleaning; an unusable row carries the reason.
import { type BadRow, isBadRow } from './csv-parser.ts';
import { parseIsoDate } from './iso-date.ts';
import type { RawRow } from './raw-rows.ts';
import type { SourceFile } from './source-files.ts';

export interface LabelledRow {
  readonly line: number;
  readonly title: string;
  readonly text: string;
  /** A class name. */
  readonly label: string;
  readonly source: string | null;
  readonly publishedAt: string | null;
  /** From the id column; null if there is no such column. */
  readonly id: string | null;
}

/** A longer label is the text of an article, which means that the wrong column is configured. */
const MAX_LABEL_CHARS = 60;

export interface LabelRules {
  readonly labels: Readonly<Record<string, string>> | null;
  readonly classes: readonly string[] | null;
}

/** Reads one row with the column map of its file; a row without text or with an unknown label returns a BadRow. */
export function readLabelledRow(
  row: RawRow | BadRow,
  file: SourceFile,
  rules: LabelRules,
): LabelledRow | BadRow {
  if (isBadRow(row)) return row;
  const { columns } = file;
  const field = (column: string | null): string | null => (column === null ? null : row.get(column));
  const text = field(columns.text);
  if (text === null) return { line: row.line, reason: { code: 'TEXT_MISSING', column: columns.text } };
  const value = (file.fixedLabel ?? field(columns.label) ?? '').trim();
  if (value === '') return { line: row.line, reason: { code: 'LABEL_EMPTY' } };
  const mapped =
    rules.labels !== null && Object.hasOwn(rules.labels, value) ? rules.labels[value] : undefined;
  const label = mapped ?? (rules.labels === null || file.fixedLabel !== null ? value : undefined);
  if (label === undefined) return { line: row.line, reason: { code: 'LABEL_UNMAPPED' } };
  if (label.length > MAX_LABEL_CHARS)
    return { line: row.line, reason: { code: 'LABEL_TOO_LONG', limitChars: MAX_LABEL_CHARS } };
  if (rules.classes !== null && !rules.classes.includes(label))
    return { line: row.line, reason: { code: 'LABEL_UNKNOWN' } };
  const id = field(columns.id)?.trim() ?? '';
  const source = field(columns.source)?.trim() ?? '';
  return {
    line: row.line,
    title: field(columns.title) ?? '',
    text,
    label,
    source: source === '' ? null : source,
    publishedAt: parseIsoDate(field(columns.date) ?? ''),
    id: id === '' ? null : id,
  };
}

/** Orders the classes: as configured, else sorted by code unit, which puts FAKE before REAL. */
export function orderClasses(found: Iterable<string>, configured: readonly string[] | null): string[] {
  if (configured !== null) return [...configured];
  return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
}
