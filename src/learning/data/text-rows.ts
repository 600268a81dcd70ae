// Turns the bytes of a text file, in UTF-8, into rows by column: CSV by its header, JSON by its keys. Notes what it reads past,
// and refuses a file that is no table.
import { appError } from '../../foundation/core/index.ts';
import { type BadRow, createCsvParser, isBadRow } from './csv-parser.ts';
import { createJsonlParser, fieldText, type JsonRow } from './jsonl-parser.ts';
import type { ColumnMap, ColumnRole } from './options.ts';
import type { RawFile, RawRow, RowLimits } from './raw-row.ts';
import { parseSeparator, type RawNote } from './reading.ts';
import { formatRejectReason } from './reject-reason-sentences.ts';

/** A first line with a longer field is an article, not a header. */
const MAX_NAME_CHARS = 60;

/** What stands between two fields of CSV, and who says so: the caller, the model's training file, `sep=;` or the header. */
export interface SeparatorFound {
  readonly separator: string;
  readonly from: 'declared' | 'found';
}

export interface RowParser {
  push(chunk: Buffer): (RawRow | BadRow)[];
  end(): (RawRow | BadRow)[];
  /** The notes since the call before. */
  takeNotes(): RawNote[];
  /** The separator of CSV, once its header was read. */
  readonly separator: SeparatorFound | null;
}

/** @param reading  separator and quotes; null: found from the file */
export function createCsvRowParser(
  file: RawFile,
  { separator, quotes }: { readonly separator: string | null; readonly quotes: boolean | null },
  limits: RowLimits,
): RowParser {
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
    get separator() {
      return parser.separator;
    },
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

export function createJsonRowParser(file: RawFile, limits: RowLimits): RowParser {
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
    separator: null,
    takeNotes: () => notes.splice(0),
    push: (chunk) => {
      if (head === '') head = chunk.toString('utf8', 0, 64);
      return convert(parser.push(chunk));
    },
    end: () => {
      const rows = convert(parser.end());
      const { listFault } = parser;
      if (listFault?.kind === 'cut') throw refuseList(file.path, 'one that is cut off: its end is missing');
      if (count === 1 && first !== undefined) assertNoWrapper(file.path, first);
      assertJsonColumns(file, { count, head }, firstObject, absent);
      if (listFault?.kind === 'followed')
        throw refuseList(file.path, `text after its end, from line ${listFault.line} on`);
      const { notNumbers, commas } = parser.repairs;
      if (notNumbers > 0) notes.push({ code: 'NOT_A_NUMBER', rows: notNumbers });
      if (commas > 0) notes.push({ code: 'COMMA_EXTRA', rows: commas });
      return rows;
    },
  };
}

function refuseList(path: string, got: string): Error {
  return appError('DATA_FILE_INVALID', {
    path,
    expected: 'a JSON list of objects, whole and alone',
    got,
    remedy: 'Fetch or write the file again.',
  });
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

/** The error of a table without a column that the configuration names. */
export function columnMissing(
  path: string,
  role: ColumnRole,
  column: string | null,
  names: readonly string[],
) {
  const listed = `the columns ${names.map(quoteName).join(', ')}`;
  const columns = areNames(names)
    ? listed
    : `${names.length} columns whose names look like words of an article`;
  return appError('DATA_COLUMN_MISSING', { path, role, column, columns });
}

const MAX_LISTED_CHARS = 40;
const MAX_NAME_WORDS = 3;

/** Whether the fields of a header may be listed in a message: none looks like the words, the number or the date of an article. */
export function areNames(header: readonly string[]): boolean {
  return header.every(
    (name) =>
      name.length <= MAX_LISTED_CHARS &&
      name.trim().split(/\s+/).length <= MAX_NAME_WORDS &&
      !/^[-+.\s]*\p{N}|[.!?…]["'”»]?\s*$/u.test(name),
  );
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
