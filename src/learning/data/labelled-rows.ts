// Reads raw rows as labelled articles, before cleaning; an unusable row carries the reason.
import { type BadRow, isBadRow } from './csv-parser.ts';
import { parseIsoDate } from './iso-date.ts';
import { type LabelRules, tidyLabel } from './label-rules.ts';
import type { RawRow } from './raw-row.ts';
import type { SourceFile } from './source-files.ts';

export interface LabelledRow {
  readonly line: number;
  readonly title: string;
  readonly text: string;
  /** A class name. */
  readonly label: string;
  /** The label in the file. */
  readonly written: string;
  readonly source: string | null;
  readonly publishedAt: string | null;
  /** From the id column; null if there is no such column. */
  readonly id: string | null;
}

/** A longer label is the text of an article, which means that the wrong column is configured. */
const MAX_LABEL_CHARS = 60;

/** A row whose label data.labels or data.classes do not name. */
export interface UnnamedRow extends BadRow {
  /** The label; for messages only if it cannot be the text of an article. */
  readonly unnamed: string;
}

/** Reads one row with the column map of its file; a row without text or with an unknown label returns a BadRow. */
export function readLabelledRow(
  row: RawRow | BadRow,
  file: SourceFile,
  rules: LabelRules,
): LabelledRow | BadRow | UnnamedRow {
  if (isBadRow(row)) return row;
  const { columns } = file;
  const { line } = row;
  const field = (column: string | null): string | null => (column === null ? null : row.get(column));
  const text = field(columns.text);
  if (text === null) return { line, reason: { code: 'TEXT_MISSING', column: columns.text } };
  const written = tidyLabel(file.fixedLabel ?? field(columns.label) ?? '');
  const choice = rules.choose(written, { ofFile: file.fixedLabel !== null });
  if (choice === null) return { line, reason: { code: 'LABEL_EMPTY' } };
  if (choice.kind === 'left out') return { line, reason: { code: 'LABEL_LEFT_OUT' } };
  if (written.length > MAX_LABEL_CHARS)
    return { line, reason: { code: 'LABEL_TOO_LONG', limitChars: MAX_LABEL_CHARS } };
  if (choice.kind === 'unnamed') {
    const code = choice.setting === 'data.labels' ? 'LABEL_UNMAPPED' : 'LABEL_UNKNOWN';
    return { line, reason: { code }, unnamed: written };
  }
  const id = field(columns.id)?.trim() ?? '';
  const source = field(columns.source)?.trim() ?? '';
  return {
    line,
    title: field(columns.title) ?? '',
    text,
    label: choice.name,
    written,
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
