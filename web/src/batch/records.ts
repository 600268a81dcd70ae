// Splits a CSV or JSON Lines file into records without changing a character, so that it can be sent in chunks: browsers
// read a response only after they have sent the whole request. The server interprets the records; the page reads their
// fields only to name columns and to show titles.

export type Format = 'csv' | 'jsonl';

export interface FileRecord {
  /** Including its line break. */
  readonly text: string;
  /** The line of the file on which it starts, from 1. */
  readonly line: number;
}

export interface RecordSplitter {
  /** Returns the records that are complete so far. */
  push(chunk: string): FileRecord[];
  end(): FileRecord[];
}

/** Reads the fields of records by the names of their columns. */
export interface FieldReader {
  /** The names of the columns; none for JSON Lines, whose records name their own. */
  readonly names: readonly string[];
  /** Reads the record at the start of `text`; columns without a value are missing. */
  read(text: string): ReadonlyMap<string, string>;
}

const SEPARATORS = [',', ';', '\t', '|'];

/** How the fields of CSV are divided, if the model's training file says so. */
export interface FieldSyntax {
  /** null: found from the header. */
  readonly separator: string | null;
  /** False: a quote is an ordinary character. */
  readonly quotes: boolean;
}
export const USUAL_SYNTAX: FieldSyntax = { separator: null, quotes: true };

/** The format by the name of the file, else by its first character; the default is CSV. */
export function formatOf(name: string, start = ''): Format {
  if (/\.(jsonl|ndjson|json)$/i.test(name)) return 'jsonl';
  return !/\.(csv|tsv)$/i.test(name) && start.trimStart().startsWith('{') ? 'jsonl' : 'csv';
}

/** The character that ends lines: CR only in a file that has no LF at its start. */
export function lineBreakOf(start: string): '\n' | '\r' {
  return !start.includes('\n') && start.includes('\r') ? '\r' : '\n';
}

/** Creates a splitter. By RFC 4180, a quote opens only at the start of a field, and a doubled one is a character. */
export function createRecordSplitter(
  format: Format,
  lineBreak: '\n' | '\r' = '\n',
  { separator, quotes }: FieldSyntax = USUAL_SYNTAX,
): RecordSplitter {
  let pending = '';
  let line = 1;
  let startLine = 1;
  let scanned = 0;
  let quoted = false;
  let fieldStart = true;
  let closed = false;

  const scan = (): FileRecord[] => {
    const records: FileRecord[] = [];
    let start = 0;
    for (; scanned < pending.length; scanned++) {
      const c = pending[scanned]!;
      if (c === lineBreak) line++;
      if (quotes && format === 'csv' && c === '"') {
        const opens = !quoted && (fieldStart || closed);
        closed = quoted;
        quoted = opens;
        fieldStart = false;
        continue;
      }
      if (quoted) continue;
      closed = false;
      fieldStart = c === lineBreak || c === separator || SEPARATORS.includes(c);
      if (c !== lineBreak) continue;
      records.push({ text: pending.slice(start, scanned + 1), line: startLine });
      start = scanned + 1;
      startLine = line;
    }
    pending = pending.slice(start);
    scanned -= start;
    return records;
  };

  return {
    push: (chunk) => {
      pending += chunk;
      return scan();
    },
    end: () => {
      const rest = pending;
      pending = '';
      scanned = 0;
      return rest === '' ? [] : [{ text: rest, line: startLine }];
    },
  };
}

/** Whether a record is the line `sep=;` by which Excel names the separator, which stands before the header. */
export function isSeparatorLine(text: string): boolean {
  return /^"?sep=."?\s*$/i.test(text);
}

/** @param head  the header, and before it the line that names the separator, if there is one; empty for JSON Lines */
export function createFieldReader(format: Format, head: string, syntax = USUAL_SYNTAX): FieldReader {
  if (format === 'jsonl') return { names: [], read: readJsonFields };
  const [first = '', ...others] = head.split(/(?<=[\r\n])(?=[^\r\n])/);
  const named = isSeparatorLine(first) ? /sep=(.)/i.exec(first)?.[1] : undefined;
  const header = named === undefined ? head : others.join('');
  const separator = named ?? syntax.separator ?? guessSeparator(header);
  const names = readFields(header, separator, syntax.quotes).map((name) => name.trim());
  return {
    names,
    read: (text) => {
      const fields = readFields(text, separator, syntax.quotes);
      // of two columns with one name, the server reads the first
      return new Map(names.map((name, index): [string, string] => [name, fields[index] ?? '']).reverse());
    },
  };
}

function guessSeparator(header: string): string {
  const line = header.split(/[\r\n]/, 1)[0]!;
  return SEPARATORS.reduce((best, sign) => (line.split(sign).length > line.split(best).length ? sign : best));
}

function readJsonFields(text: string): ReadonlyMap<string, string> {
  try {
    const value: unknown = JSON.parse(text.split('\n', 1)[0]!);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
    return new Map(
      Object.entries(value).map(([name, field]): [string, string] => [
        name,
        field === null ? '' : typeof field === 'object' ? JSON.stringify(field) : String(field),
      ]),
    );
  } catch {
    return new Map();
  }
}

/** The fields of the record at the start of `text`. */
function readFields(text: string, separator: string, quotes: boolean): string[] {
  const fields: string[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (;;) {
    let end = at;
    if (quotes && text[at] === '"') {
      end = at + 1;
      while (end < text.length && (text[end] !== '"' || text[end + 1] === '"'))
        end += text[end] === '"' ? 2 : 1;
      fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
      end++;
    }
    const start = end;
    while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
    if (start === at) fields.push(text.slice(at, end));
    if (text[end] !== separator) return fields;
    at = end + 1;
  }
}
