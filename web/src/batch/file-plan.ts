// What the page learns from the start of a file: its format, its columns with a value of each, and which to read.
import { type FailureFacts, RequestFailure } from '../api.ts';
import { type ColumnChoice, type ModelColumns, proposeColumns } from './columns.ts';
import {
  createFieldReader,
  createRecordSplitter,
  type Format,
  formatOf,
  isSeparatorLine,
  lineBreakOf,
} from './records.ts';

export interface FilePlan {
  readonly format: Format;
  readonly lineBreak: '\n' | '\r';
  /** The columns, in the order of the file. */
  readonly names: readonly string[];
  /** A value of each column, from the first rows; empty if there is none. */
  readonly samples: Readonly<Record<string, string>>;
  readonly choice: ColumnChoice;
  /** False if a person should choose the columns. */
  readonly isSure: boolean;
  /** Whether the first line of a CSV file looks like an article rather than names of columns. */
  readonly hasNoHeader: boolean;
}

const START_BYTES = 512 * 1024;
/** The rows of JSON Lines whose keys count as columns. */
const START_ROWS = 200;
const SAMPLE_CHARS = 160;
/** A first line with a longer field is an article, not a header. */
const MAX_NAME_CHARS = 60;

/**
 * Reads the start of a file.
 * @throws RequestFailure FILE_NOT_UTF8, FILE_JSON_LIST, FILE_WITHOUT_ROWS
 */
export async function planFile(file: Blob, name: string, model: ModelColumns | null): Promise<FilePlan> {
  const start = await readStart(file);
  if (/^\s*\[/.test(start) && !/\.(csv|tsv)$/i.test(name)) throw failure({ code: 'FILE_JSON_LIST' });
  const format = formatOf(name, start);
  const lineBreak = lineBreakOf(start);
  const splitter = createRecordSplitter(format, lineBreak);
  // the last record may be cut, which is enough for a sample
  const records = [...splitter.push(start), ...splitter.end()]
    .map(({ text }) => text)
    .filter((text) => text.trim() !== '');
  const headRecords = format === 'jsonl' ? 0 : isSeparatorLine(records[0] ?? '') ? 2 : 1;
  const head = records.slice(0, headRecords).join('');
  const rows = records.slice(headRecords, headRecords + START_ROWS);
  const reader = createFieldReader(format, head);
  if (rows.length === 0) throw failure({ code: 'FILE_WITHOUT_ROWS', detail: reader.names.join(', ') });
  const samples: Record<string, string> = Object.create(null);
  const names = new Set(reader.names);
  for (const row of rows) {
    for (const [column, value] of reader.read(row)) {
      names.add(column);
      samples[column] ||= value.trim().slice(0, SAMPLE_CHARS);
    }
  }
  const listed = [...names];
  const hasNoHeader = format === 'csv' && listed.some((column) => column.length > MAX_NAME_CHARS);
  return { format, lineBreak, names: listed, samples, hasNoHeader, ...proposeColumns(listed, model) };
}

async function readStart(file: Blob): Promise<string> {
  const bytes = await file.slice(0, START_BYTES).arrayBuffer();
  try {
    // the last character may be cut
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    throw failure({ code: 'FILE_NOT_UTF8' });
  }
}

function failure(facts: FailureFacts): RequestFailure {
  return new RequestFailure(facts);
}
