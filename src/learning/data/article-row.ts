// Reads a raw row as an article to predict: the columns title and text, and id if there is one. It needs no label.
import { type AppError, appError } from '../../foundation/core/index.ts';
import type { ArticleText } from '../../foundation/records/index.ts';
import type { BadRow } from './csv-parser.ts';
import type { RawRow } from './raw-rows.ts';
import type { ArticleRejectReason } from './reject-reason.ts';
import { formatArticleReject } from './reject-reason-sentences.ts';

/** The column map of a file whose columns have the usual names. */
export const ARTICLE_COLUMNS = { title: null, text: null, label: null, source: null, date: null, id: null };

/**
 * Reads the article of one row, or returns why the row has none.
 * @param name  the name of the file in messages
 * @throws DATA_FILE_INVALID if the header of a CSV file has neither column, which makes every row unusable
 */
export function readArticleRow(
  name: string,
  format: 'csv' | 'jsonl',
  row: RawRow | BadRow,
): { readonly line: number; readonly id?: string; readonly article: ArticleText | AppError } {
  const refuse = (reason: ArticleRejectReason): AppError =>
    appError('ARTICLE_ROW_INVALID', { where: `${name}:${row.line}`, ...formatArticleReject(reason) });
  if ('reason' in row) return { line: row.line, article: refuse(row.reason) };
  const [title, text, id] = [row.get('title'), row.get('text'), row.get('id')];
  const about = { line: row.line, ...(id === null || id === '' ? {} : { id }) };
  if (title === null && text === null && format === 'csv') {
    // The message does not list the columns: without a header line, they would be the words of an article.
    throw appError('DATA_FILE_INVALID', {
      path: name,
      expected: 'a header line with title or text',
      got: `${row.columns.length} other columns`,
    });
  }
  if (title === null && text === null)
    return { ...about, article: refuse({ code: 'TITLE_AND_TEXT_MISSING' }) };
  const nested = ['title', 'text'].find((column) => row.columns.includes(column) && row.get(column) === null);
  if (nested !== undefined) return { ...about, article: refuse({ code: 'FIELD_NESTED', column: nested }) };
  if (`${title ?? ''}${text ?? ''}`.trim() === '')
    return { ...about, article: refuse({ code: 'TITLE_AND_TEXT_EMPTY' }) };
  return { ...about, article: { title: title ?? '', text: text ?? '' } };
}
