// Reads a raw file, CSV or JSON Lines, as a stream of rows, in batches that each hold the rows of one chunk of the file.
// Every line of the file, except blank ones and the header, belongs to one row or one bad row.
import { createReadStream } from 'node:fs';
import { appError, FILE_KIND_BYTES, recogniseFileKind } from '../../foundation/core/index.ts';
import { type BadRow, createCsvParser, isBadRow } from './csv-parser.ts';
import { createJsonlParser, fieldText, type JsonRow } from './jsonl-parser.ts';
import type { ColumnMap, ColumnRole } from './options.ts';
import {
  assertNotEightBit,
  assertNotUtf8,
  DEFAULT_READING,
  decodeChunks,
  isKnownEncoding,
  parseSeparator,
  type RawNote,
  type ReadingOptions,
} from './reading.ts';
import { formatRejectReason } from './reject-reason-sentences.ts';
import type { SourceFile } from './source-files.ts';

const CHUNK_BYTES = 1 << 20;
/** A first line with a longer field is an article, not a header. */
const MAX_NAME_CHARS = 60;

export interface RawRow {
  readonly line: number;
  /** The names of the columns of this row. */
  readonly columns: readonly string[];
  /** The value of a column; null if the row has none. */
  readonly get: (column: string) => string | null;
  /** All values of the row by their columns: texts in CSV, any values in JSON. */
  readonly values: () => Readonly<Record<string, unknown>>;
}

export interface RawBatch {
  readonly rows: readonly (RawRow | BadRow)[];
  /** How many bytes of the file have been read so far. */
  readonly bytesRead: number;
  /** What the reader noticed about the file since the batch before. */
  readonly notes: readonly RawNote[];
}

/** `path` is used only in messages. */
export interface RawFile extends Pick<SourceFile, 'path' | 'format' | 'columns'> {
  /** Absent: everything is found from the file. */
  readonly reading?: ReadingOptions;
  /** How the caller can name the encoding, for messages; default `data.encoding=`. */
  readonly encodingArgument?: string;
  /** Receives the header of a CSV file before its rows, also if there are none. */
  readonly onHeader?: (header: readonly string[]) => void;
}

/**
 * Streams the rows of a file.
 * @throws DATA_COLUMN_MISSING, DATA_FILE_INVALID
 */
export async function* readRawRows(file: RawFile): AsyncGenerator<RawBatch> {
  yield* parseRawRows(createReadStream(file.path, { highWaterMark: CHUNK_BYTES }), file);
}

/**
 * Streams the rows of bytes from any source; a row may have at most `maxRowBytes` bytes.
 * @throws DATA_COLUMN_MISSING, DATA_FILE_INVALID, and what `chunks` throws
 */
export async function* parseRawRows(
  chunks: AsyncIterable<Buffer>,
  file: RawFile,
  limits: RowLimits = {},
): AsyncGenerator<RawBatch> {
  const { encoding } = file.reading ?? DEFAULT_READING;
  const parser = file.format === 'csv' ? createCsvRowParser(file, limits) : createJsonRowParser(file, limits);
  let bytesRead = 0;
  async function* readChunks(): AsyncGenerator<Buffer> {
    for await (const bytes of checkHead(chunks, file)) {
      bytesRead += bytes.byteLength;
      yield bytes;
    }
  }
  for await (const bytes of decodeChunks(readChunks(), encoding))
    yield { rows: parser.push(bytes), bytesRead, notes: parser.takeNotes() };
  yield { rows: parser.end(), bytesRead, notes: parser.takeNotes() };
}

/** Enough bytes to recognise a kind of file whose first line is short. */
const MIN_HEAD_BYTES = 24;

/**
 * Passes the chunks on once their beginning shows that they are text in the encoding.
 * @throws DATA_FILE_INVALID
 */
async function* checkHead(chunks: AsyncIterable<Buffer>, file: RawFile): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < FILE_KIND_BYTES && (head.length < MIN_HEAD_BYTES || !head.includes(0x0a))) continue;
    assertText(file, head);
    yield head;
    head = null;
  }
  if (head === null || head.length === 0) return;
  assertText(file, head);
  yield head;
}

function assertText(
  { path, format, reading, encodingArgument: argument = 'data.encoding=' }: RawFile,
  head: Buffer,
): void {
  const { encoding } = reading ?? DEFAULT_READING;
  const kind = recogniseFileKind(head);
  if (kind !== undefined && (encoding === null || kind.encoding === undefined)) {
    const name = kind.encoding?.toLowerCase();
    const canRead = name !== undefined && isKnownEncoding(name);
    const remedy = canRead ? `${kind.remedy.replace(/\.$/, '')}, or set ${argument}${name}.` : kind.remedy;
    throw appError('DATA_FILE_INVALID', { path, expected: 'UTF-8 text', got: kind.name, remedy });
  }
  if (encoding === null) assertNotEightBit(path, head, argument);
  else assertNotUtf8(path, head, encoding);
  if (format === 'csv' && JSON_START.test(new TextDecoder(encoding ?? 'utf-8').decode(head)))
    throw appError('DATA_FILE_INVALID', {
      path,
      expected: 'a table with a header line',
      got: 'JSON',
      remedy: 'Read it as JSON: data=jsonl, --format jsonl or ?format=jsonl.',
    });
}

/** How JSON begins, and no header line: an object with a key in quotes, or a list of objects. */
const JSON_START = /^\s*(?:\{\s*"|\[\s*\{)/;

interface RowLimits {
  readonly maxRowBytes?: number;
}

interface RowParser {
  push(chunk: Buffer): (RawRow | BadRow)[];
  end(): (RawRow | BadRow)[];
  /** The notes since the call before. */
  takeNotes(): RawNote[];
}

function createCsvRowParser(file: RawFile, limits: RowLimits): RowParser {
  const { separator, quotes } = file.reading ?? DEFAULT_READING;
  const parser = createCsvParser({
    ...limits,
    separator: separator === null ? null : (parseSeparator(separator) ?? null),
    quotes,
  });
  const notes: RawNote[] = [];
  let header: readonly string[] | undefined;
  let written: readonly string[] = [];
  let valueNames: readonly string[] = [];
  let indexOf = new Map<string, number>();
  const convert = (rows: ReturnType<typeof parser.push>): (RawRow | BadRow)[] => {
    const out: (RawRow | BadRow)[] = [];
    for (const row of rows) {
      if (isBadRow(row)) {
        if (header === undefined)
          throw appError('DATA_FILE_INVALID', {
            path: file.path,
            expected: 'a header line',
            got: formatRejectReason(row.reason),
          });
        out.push(row);
      } else if (header === undefined) {
        written = row.fields;
        header = row.fields.map((name) => name.trim());
        valueNames = nameValues(header);
        indexOf = new Map(header.map((name, i): [string, number] => [name, i]).reverse());
        assertColumns(file, header);
        file.onHeader?.(header);
        notes.push(...findRepeatedColumns(header));
      } else {
        const { fields } = row;
        // Files that were put together keep their headers.
        if (fields.length > 1 && fields.every((field, i) => field === written[i])) {
          out.push({ line: row.line, reason: { code: 'HEADER_REPEATED' } });
          continue;
        }
        out.push({
          line: row.line,
          columns: header,
          get: (column) => fields[indexOf.get(column) ?? -1] ?? null,
          values: () => Object.fromEntries(valueNames.map((name, i) => [name, fields[i]])),
        });
      }
    }
    return out;
  };
  return {
    takeNotes: () => notes.splice(0),
    push: (chunk) => convert(parser.push(chunk)),
    end: () => {
      const rows = convert(parser.end());
      if (header === undefined)
        throw appError('DATA_FILE_INVALID', {
          path: file.path,
          expected: 'a header line',
          got: 'an empty file',
        });
      if (parser.joinedLines !== null) notes.push({ code: 'LINES_JOINED', ...parser.joinedLines });
      return rows;
    },
  };
}

function createJsonRowParser(file: RawFile, limits: RowLimits): RowParser {
  const parser = createJsonlParser(limits);
  let count = 0;
  let first: JsonRow | BadRow | undefined;
  let firstObject: JsonRow | undefined;
  let head = '';
  const absent = new Map(NEEDED_ROLES.map((role): [ColumnRole, string | null] => [role, file.columns[role]]));
  const notes: RawNote[] = [];
  const convert = (rows: ReturnType<typeof parser.push>): (RawRow | BadRow)[] => {
    first ??= rows[0];
    count += rows.length;
    return rows.map((row) => {
      if (isBadRow(row)) return row;
      const { value } = row;
      firstObject ??= row;
      for (const [role, column] of absent)
        if (column === null || Object.hasOwn(value, column)) absent.delete(role);
      const get = (column: string): string | null =>
        Object.hasOwn(value, column) ? (value[column] === null ? '' : fieldText(value[column])) : null;
      return { line: row.line, columns: Object.keys(value), get, values: () => value };
    });
  };
  return {
    takeNotes: () => notes.splice(0),
    push: (chunk) => {
      if (head === '') head = chunk.toString('utf8', 0, 64);
      return convert(parser.push(chunk));
    },
    end: () => {
      const rows = convert(parser.end());
      if (count === 1 && first !== undefined) assertNoWrapper(file.path, first);
      assertJsonColumns(file, { count, head }, firstObject, absent);
      const { notNumbers, commas } = parser.repairs;
      if (notNumbers > 0) notes.push({ code: 'NOT_A_NUMBER', rows: notNumbers });
      if (commas > 0) notes.push({ code: 'COMMA_EXTRA', rows: commas });
      return rows;
    },
  };
}

/** The columns without which a whole file cannot be meant. A row may lack any of them. */
const NEEDED_ROLES = ['text', 'label', 'title'] as const satisfies readonly ColumnRole[];

/**
 * Refuses a file of which no line is JSON, and one in which no row has a column. Files to predict name no columns: their
 * rows are answered one by one.
 * @param absent  the roles whose column no row has
 * @throws DATA_FILE_INVALID, DATA_COLUMN_MISSING
 */
function assertJsonColumns(
  { path, columns }: RawFile,
  { count, head }: { readonly count: number; readonly head: string },
  first: JsonRow | undefined,
  absent: ReadonlyMap<ColumnRole, string | null>,
): void {
  if (count === 0 || NEEDED_ROLES.every((role) => columns[role] === null)) return;
  if (first === undefined)
    throw appError('DATA_FILE_INVALID', {
      path,
      expected: 'JSON, one object for each row',
      got: `no JSON object in ${count} ${count === 1 ? 'line' : 'lines'}`,
      remedy: adviseOnNoObject(head),
    });
  for (const [role, column] of absent) throw columnMissing(path, role, column, Object.keys(first.value));
}

function columnMissing(path: string, role: ColumnRole, column: string | null, names: readonly string[]) {
  return appError('DATA_COLUMN_MISSING', { path, role, column, columns: names.map(quoteName).join(', ') });
}

/** A name with a comma in a list of names stands in quotes. */
function quoteName(name: string): string {
  return name === '' || name.includes(',') ? JSON.stringify(name) : name;
}

/**
 * Refuses a file whose only row holds all the others.
 * @throws DATA_FILE_INVALID
 */
function assertNoWrapper(path: string, row: JsonRow | BadRow): void {
  const expected = 'one JSON object for each row';
  if (isBadRow(row)) {
    if (row.reason.code !== 'ROW_TOO_LONG') return;
    const got = `a single JSON value of more than ${row.reason.limitBytes} bytes`;
    const remedy = "If a key of it holds the rows: jq -c '.KEY[]' FILE > data.jsonl";
    throw appError('DATA_FILE_INVALID', { path, expected, got, remedy });
  }
  const nested = findNestedList(row.value);
  if (nested !== null) {
    const got = `one object that holds a list of objects in ${nested}`;
    throw appError('DATA_FILE_INVALID', {
      path,
      expected,
      got,
      remedy: `Take the list out: jq -c '.${nested}[]' FILE > data.jsonl`,
    });
  }
  const entries = Object.entries(row.value);
  if (entries.length === 0 || entries.some(([, value]) => typeof value === 'string')) return;
  const list = entries.find(([, value]) => Array.isArray(value) && isObject(value[0]));
  if (list !== undefined) {
    const got = `one object that holds a list of objects in ${JSON.stringify(list[0])}`;
    const remedy = `Take the list out: jq -c '.[${JSON.stringify(list[0])}][]' FILE > data.jsonl`;
    throw appError('DATA_FILE_INVALID', { path, expected, got, remedy });
  }
  // The keys of columns are row numbers, those of rows are names.
  const keys = entries.map(([, value]) => (isObject(value) ? Object.keys(value as object) : []));
  if (keys.every((names) => names.length > 0 && names.some((name) => !/^\d+$/.test(name)))) {
    const got = `one object that holds each row (${entries.length}) under a key of its own`;
    throw appError('DATA_FILE_INVALID', {
      path,
      expected,
      got,
      remedy: "Take the rows out: jq -c '.[]' FILE > data.jsonl",
    });
  }
  if (entries.every(([, value]) => isObject(value) || Array.isArray(value))) {
    const got = `one object that holds columns (${entries.length})`;
    const remedy = 'Write rows; in pandas: to_json("data.jsonl", orient="records", lines=True)';
    throw appError('DATA_FILE_INVALID', { path, expected, got, remedy });
  }
}

const MAX_NESTING = 4;

/** The path of the list of objects below the first level of an object, such as `.data.rows`; null if there is none. */
function findNestedList(value: unknown, path = '', depth = 0): string | null {
  if (depth > 1 && Array.isArray(value)) return isObject(value[0]) ? path : null;
  if (!isObject(value) || depth === MAX_NESTING) return null;
  for (const [key, inner] of Object.entries(value as object).slice(0, 20)) {
    const found = findNestedList(inner, `${path}${path === '' ? '' : '.'}${JSON.stringify(key)}`, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** What to do with a file in which no line is a JSON object, by its first character. */
function adviseOnNoObject(head: string): string {
  const start = head.trimStart();
  if (/^\[\s*\[|^\[\s*["\d]/.test(start))
    return "The rows are lists. If they have a header row, make it CSV: jq -r '.[] | @csv' FILE > data.csv (for one list on each line: jq -r '@csv').";
  if (start.startsWith('{') || start.startsWith('"'))
    return 'The lines begin as JSON does, but are not valid objects (comments, single quotes, None?). Write them with a JSON library; in Python: json.dumps(row).';
  return 'If it is a table with a header line, read it as CSV: data=csv.';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The names of a row's values: one that is there already gets a number, and so does a column without a name. */
function nameValues(header: readonly string[]): string[] {
  const names = new Set<string>();
  for (const [index, column] of header.entries()) {
    const plain = column === '' ? `column ${index + 1}` : column;
    let name = plain;
    for (let n = 2; names.has(name); n++) name = `${plain} (${n})`;
    names.add(name);
  }
  return [...names];
}

/** What a first line is if it is no header: an article or JSON. null: its fields may be names, which a message may list. */
export function describeNoHeader(header: readonly string[]): string | null {
  if (header[0]?.startsWith('{')) return 'JSON';
  const longest = Math.max(...header.map((name) => name.length));
  return longest > MAX_NAME_CHARS ? `a first line with a field of ${longest} characters` : null;
}

function assertColumns(file: RawFile, header: readonly string[]): void {
  for (const [role, column] of Object.entries(file.columns) as [ColumnRole, ColumnMap[ColumnRole]][]) {
    if (column === null || header.includes(column)) continue;
    // The message never repeats a field that may be the text of an article.
    const got = describeNoHeader(header);
    if (got !== null)
      throw appError('DATA_FILE_INVALID', { path: file.path, expected: 'a header line', got });
    throw columnMissing(file.path, role, column, header);
  }
}

function findRepeatedColumns(header: readonly string[]): RawNote[] {
  return [...new Set(header)].flatMap((column) => {
    const times = header.filter((name) => name === column).length;
    return times > 1 && column !== '' ? [{ code: 'COLUMN_REPEATED' as const, column, times }] : [];
  });
}
