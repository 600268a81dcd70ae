// Reads raw rows as articles to predict: finds the columns, takes title, text and id, and passes all other columns
// through. A row needs no label. Why rows held no article is counted, for a file in which none did.
import { type AppError, appError } from '../../foundation/core/index.ts';
import type { ArticleText, ModelFolder } from '../../foundation/records/index.ts';
import { type ArticleColumns, ColumnFinder, type ColumnNote } from './column-finder.ts';
import { articleRoles, type ColumnRequest } from './column-request.ts';
import type { BadRow } from './csv-parser.ts';
import type { RawFile, RawRow } from './raw-row.ts';
import { formatRawNote, type RawNote, type ReadingOptions } from './reading.ts';
import type { ArticleRejectReason } from './reject-reason.ts';
import { formatArticleReject } from './reject-reason-sentences.ts';
import { areNames, describeNoHeader } from './text-rows.ts';

export interface ArticleReaderOptions {
  /** Path of the file, if it is read from one. */
  readonly path: string;
  /** The name of the file in messages. */
  readonly name: string;
  /** What the caller says the file is; null: its name or its content says it. */
  readonly format: 'csv' | 'jsonl' | null;
  /** What the caller sets about its bytes. */
  readonly reading: ReadingOptions;
  /** How the caller can name the encoding, for messages. */
  readonly encodingArgument: string;
  /** The training file of the model, as far as it is known. */
  readonly model: Pick<ModelFolder, 'columns' | 'reading'>;
  readonly request: ColumnRequest;
  /** How the caller can name columns, for messages: such as `--columns `. */
  readonly argument: string;
  /** Whether messages may list the columns of the file. False where they could end in somebody else's log. */
  readonly listsColumns: boolean;
  /** Added to the number of each line: the file is a part of another. */
  readonly lineOffset?: number;
}

export interface ReadArticleRow {
  /** The file in a zip archive that holds the row; absent outside of one. */
  readonly file?: string;
  /** Line of the file on which the row starts, from 1; in Parquet, the number of the row. */
  readonly line: number;
  readonly id?: string;
  readonly article: ArticleText | AppError;
  /** The values of the columns that are neither title nor text nor id; absent if there are none. */
  readonly row?: Readonly<Record<string, unknown>>;
}

/** What a person should know about a file of articles whose rows can be read. */
export type ArticleFileNote =
  | Exclude<RawNote, { readonly code: 'COLUMN_REPEATED' }>
  /** Several columns that are passed through have this name; all but the first get a number. */
  | { readonly code: 'COLUMN_RENAMED'; readonly column: string; readonly times: number };

/** The sentence of one note. */
export function formatArticleFileNote(note: ArticleFileNote): string {
  if (note.code !== 'COLUMN_RENAMED') return formatRawNote(note);
  const { column, times } = note;
  return `${times} columns are called "${column}": the answers have them as "${column}", "${column} (2)"${times > 2 ? ', ...' : ''}`;
}

const NO_COLUMNS = { title: null, text: null, label: null, source: null, date: null, id: null };

/** Reads the rows of one file in their order. */
export class ArticleReader {
  readonly file: RawFile;
  readonly #options: ArticleReaderOptions;
  readonly #finder: ColumnFinder;
  readonly #fileNotes: ArticleFileNote[] = [];
  /** The header of the file that is read; JSON has none. */
  #header: readonly string[] | null = null;

  constructor(options: ArticleReaderOptions) {
    this.#options = options;
    this.#finder = new ColumnFinder(options.model.columns ?? null, options.request);
    const { path, format, reading, model, encodingArgument } = options;
    this.file = {
      ...{ path, format, reading, model, encodingArgument },
      columns: NO_COLUMNS,
      onHeader: (header) => this.#readHeader(header),
    };
  }

  /** Whether the file has a header, so far: JSON has none. */
  get hasHeader(): boolean {
    return this.#header !== null;
  }

  /** The columns that are read, so far; a CSV file has them from its header on. */
  get columns(): ArticleColumns {
    return { ...this.#finder.columns };
  }

  /** What a person should know about the choice of the columns, so far. */
  get notes(): readonly ColumnNote[] {
    return this.#finder.notes;
  }

  /** What the reader noticed about the file, so far. */
  get fileNotes(): readonly ArticleFileNote[] {
    return this.#fileNotes;
  }

  /** Takes over what the reader noticed. A repeated column is noted here if it is passed through; else `notes` has it. */
  addFileNotes(notes: readonly RawNote[]): void {
    const read = Object.values(this.#finder.columns);
    for (const note of notes) {
      if (note.code !== 'COLUMN_REPEATED') this.#fileNotes.push(note);
      else if (!read.includes(note.column)) {
        const { column, times } = note;
        this.#fileNotes.push({ code: 'COLUMN_RENAMED', column, times });
      }
    }
  }

  /**
   * Reads the article of one row, or says why it has none.
   * @param member  the file in a zip archive that holds the row; null outside of one
   */
  read(row: RawRow | BadRow, member: string | null = null): ReadArticleRow {
    const offset = this.#options.lineOffset ?? 0;
    const line = row.line + offset;
    const quoteEndLine =
      'reason' in row && row.quoteEndLine !== undefined ? row.quoteEndLine + offset : undefined;
    const refuse = (reason: ArticleRejectReason): AppError =>
      appError('ARTICLE_ROW_INVALID', {
        where: `${this.#options.name}${member === null ? '' : `/${member}`}:${line}`,
        ...formatArticleReject(reason, { line, quoteEndLine }),
      });
    const place = { ...(member === null ? {} : { file: member }), line };
    if ('reason' in row) return { ...place, article: refuse(row.reason) };
    if (row.columns !== this.#header) this.#finder.find(row.columns);
    const columns = this.#finder.columns;
    const read = (column: string | null): string | null => (column === null ? null : row.get(column));
    const id = read(columns.id);
    const about = { ...place, ...(id === null || id === '' ? {} : { id }), ...passThrough(row, columns) };
    const article = readArticle(row, columns, () => this.#describeExpected());
    return { ...about, article: 'code' in article ? refuse(article) : article };
  }

  /** Notes what no row had. Call it after the last row. */
  finish(): void {
    this.#finder.finish();
  }

  /** @throws ARTICLE_COLUMNS_MISSING, DATA_FILE_INVALID */
  #readHeader(header: readonly string[]): void {
    const { name, argument, listsColumns } = this.#options;
    this.#header = header;
    this.#finder.find(header);
    const { title, text } = this.#finder.columns;
    const lacking = this.#finder.listLacking(header);
    if (lacking.length === 0 && (title !== null || text !== null)) {
      this.#finder.finish();
      return;
    }
    const noHeader = describeNoHeader(header);
    if (noHeader !== null)
      throw appError('DATA_FILE_INVALID', { path: name, expected: 'a header line', got: noHeader });
    const count = header.length === 1 ? '1 other column' : `${header.length} other columns`;
    throw appError('ARTICLE_COLUMNS_MISSING', {
      where: name,
      expected:
        lacking.length > 0
          ? `the ${lacking.map(({ role, column }) => `${role} in a column ${column}`).join(' and the ')}`
          : `a header line with ${this.#describeExpected()}`,
      // The words of a first line that is no header would be those of an article.
      got: listsColumns && areNames(header) ? `the columns ${header.join(', ')}` : count,
      argument,
    });
  }

  /** The names of title and text, those of the model before the usual ones. */
  #describeExpected(): string {
    const [titles, texts] = [this.#finder.listNames('title'), this.#finder.listNames('text')];
    const ranked = [titles[0], texts[0], titles[1], texts[1]].filter((name) => name !== undefined);
    return [...new Set(ranked)].join(' or ');
  }
}

/** The article of a row, or the reason why it has none. */
function readArticle(
  row: RawRow,
  columns: ArticleColumns,
  describeExpected: () => string,
): ArticleText | ArticleRejectReason {
  const parts = { title: '', text: '' };
  let present = 0;
  for (const part of ['title', 'text'] as const) {
    const column = columns[part];
    if (column === null || !row.columns.includes(column)) continue;
    const value = row.get(column);
    if (value === null) return { code: 'FIELD_NESTED', column };
    parts[part] = value;
    present++;
  }
  if (present === 0) return { code: 'TITLE_AND_TEXT_MISSING', columns: describeExpected() };
  return `${parts.title}${parts.text}`.trim() === '' ? { code: 'TITLE_AND_TEXT_EMPTY' } : parts;
}

function passThrough(row: RawRow, columns: ArticleColumns): Pick<ReadArticleRow, 'row'> {
  const read = new Set(articleRoles.map((role) => columns[role]));
  const others = Object.entries(row.values()).filter(([name]) => !read.has(name));
  return others.length === 0 ? {} : { row: Object.fromEntries(others) };
}

/** Counts why the rows of a file hold no article, for a file in which none does. */
export class ArticleRejects {
  readonly #counts = new Map<string, { count: number; line: number }>();
  #rows = 0;

  add(line: number, error: AppError): void {
    const reason = nameReason(error);
    const known = this.#counts.get(reason) ?? { count: 0, line };
    this.#counts.set(reason, { ...known, count: known.count + 1 });
    this.#rows++;
  }

  /** The error of a file in which no row held an article. */
  createError({
    name,
    argument,
    hasHeader,
  }: Pick<ArticleReaderOptions, 'name' | 'argument'> & Pick<ArticleReader, 'hasHeader'>): AppError {
    const reasons = [...this.#counts].sort(([, a], [, b]) => b.count - a.count).slice(0, 3);
    const listed = reasons.map(([reason, { count, line }]) => `${count} × ${reason} (first in line ${line})`);
    const rows = this.#rows === 1 ? '1 row without one' : `${this.#rows} rows without one`;
    const none = hasHeader ? 'a header line and no rows' : 'no rows';
    const got = this.#rows === 0 ? none : `${rows}: ${listed.join(', ')}`;
    return appError('NOTHING_PREDICTED', { where: name, got, argument });
  }
}

/** The message of an error without its place. */
function nameReason({ details: { where, expected, got }, message }: AppError): string {
  if (typeof expected === 'string' && typeof got === 'string') return `expected ${expected}, got ${got}`;
  return typeof where === 'string' && message.startsWith(`${where}: `)
    ? message.slice(where.length + 2)
    : message;
}
