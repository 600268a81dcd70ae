// A raw row as an article to judge: the columns title and text, and id if there is one. No label is asked for.
import { type AppError, appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { BadRow } from './csv-parser.ts';
import type { RawRow } from './raw-rows.ts';

/** Columns are found by their names alone. */
export const ARTICLE_COLUMNS = { title: null, text: null, label: null, source: null, date: null, id: null };

/**
 * The article of one row, or why it is none.
 * @param name  of the file, for messages
 * @throws DATA_FILE_INVALID for a CSV file whose header has neither column: that holds for every row, and is said once
 */
export function readArticleRow(
  name: string,
  format: 'csv' | 'jsonl',
  row: RawRow | BadRow,
): { readonly line: number; readonly id?: string; readonly article: ArticleText | AppError } {
  const refuse = (expected: string, got: string): AppError =>
    appError('ARTICLE_ROW_INVALID', { where: `${name}:${row.line}`, expected, got });
  if ('reason' in row) return { line: row.line, article: refuse('a readable row', row.reason) };
  const [title, text, id] = [row.get('title'), row.get('text'), row.get('id')];
  const about = { line: row.line, ...(id === null || id === '' ? {} : { id }) };
  if (title === null && text === null && format === 'csv') {
    // not which columns there are: without a header, the first line is an article
    throw appError('DATA_FILE_INVALID', {
      path: name,
      expected: 'a header line with title or text',
      got: `${row.columns.length} other columns`,
    });
  }
  if (title === null && text === null)
    return { ...about, article: refuse('the columns title or text', 'neither') };
  const nested = ['title', 'text'].find((column) => row.columns.includes(column) && row.get(column) === null);
  if (nested !== undefined) return { ...about, article: refuse(`text in ${nested}`, 'a list or an object') };
  if (`${title ?? ''}${text ?? ''}`.trim() === '')
    return { ...about, article: refuse('a title or a text', 'empty ones') };
  return { ...about, article: { title: title ?? '', text: text ?? '' } };
}
