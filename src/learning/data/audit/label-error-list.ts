// Writes labels that may be wrong as a list for a person to review: ids, files and lines, never the text of an article.
import { extname } from 'node:path';
import type { SuspectRow } from './report.ts';

const COLUMNS = ['id', 'file', 'line', 'label', 'suggested', 'probability', 'suggestedProbability'] as const;

/** CSV for a name that ends in .csv, else JSON Lines. */
export function formatLabelErrors(rows: readonly SuspectRow[], fileName: string): string {
  if (extname(fileName).toLowerCase() !== '.csv')
    return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const lines = rows.map((row) => COLUMNS.map((column) => quote(String(row[column]))).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

/** RFC 4180; a value that a spreadsheet would take for a formula begins with an apostrophe. */
function quote(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
