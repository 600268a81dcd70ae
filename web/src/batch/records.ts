// Splits a CSV or JSON Lines file into records without changing a character, so that it can be sent in chunks: browsers
// read a response only after they have sent the whole request. The server interprets the records.

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

const SEPARATORS = [',', ';', '\t'];

/** The format by the name of the file; the default is CSV. */
export function formatOf(name: string): Format {
  return /\.(jsonl|ndjson)$/i.test(name) ? 'jsonl' : 'csv';
}

/** Creates a splitter. By RFC 4180, a quote opens only at the start of a field, and a doubled one is a character. */
export function createRecordSplitter(format: Format): RecordSplitter {
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
      if (c === '\n') line++;
      if (format === 'csv' && c === '"') {
        const opens = !quoted && (fieldStart || closed);
        closed = quoted;
        quoted = opens;
        fieldStart = false;
        continue;
      }
      if (quoted) continue;
      closed = false;
      fieldStart = c === '\n' || SEPARATORS.includes(c);
      if (c !== '\n') continue;
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

/** Creates a reader of titles, which the table shows beside the predictions; an unreadable record has no title. */
export function createTitleReader(format: Format, header: string): (record: string) => string {
  if (format === 'jsonl') return readJsonTitle;
  const separator = SEPARATORS.map((sign) => ({ sign, n: header.split(sign).length })).reduce((a, b) =>
    b.n > a.n ? b : a,
  ).sign;
  const names = readFields(header, separator).map((name) => name.trim().toLowerCase());
  const column = names.indexOf('title');
  const instead = column < 0 ? names.indexOf('text') : column;
  return (record) => readFields(record, separator)[instead]?.slice(0, 200) ?? '';
}

function readJsonTitle(record: string): string {
  try {
    const value: unknown = JSON.parse(record);
    if (typeof value !== 'object' || value === null) return '';
    const { title, text } = value as { title?: unknown; text?: unknown };
    return String(title ?? text ?? '').slice(0, 200);
  } catch {
    return '';
  }
}

function readFields(record: string, separator: string): string[] {
  const fields: string[] = [];
  let rest = record.replace(/^\uFEFF/, '').replace(/\r?\n$/, '');
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const end = quoted === null ? rest.indexOf(separator) : rest.indexOf(separator, quoted[0].length);
    const raw = end < 0 ? rest : rest.slice(0, end);
    fields.push(quoted === null ? raw : quoted[1]!.replaceAll('""', '"'));
    if (end < 0) return fields;
    rest = rest.slice(end + 1);
  }
}
