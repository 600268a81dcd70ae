// What the page learns from the start of a file: its format, its columns with a value of each, and which to read.
import { type FailureFacts, type ModelFacts, RequestFailure } from '../api.ts';
import { type ColumnChoice, proposeColumns } from './columns.ts';
import {
  createFieldReader,
  createRecordSplitter,
  type FieldSyntax,
  type Format,
  formatOf,
  isSeparatorLine,
  lineBreakOf,
  USUAL_SYNTAX,
} from './records.ts';

export interface FilePlan {
  readonly format: Format;
  readonly lineBreak: '\n' | '\r';
  readonly syntax: FieldSyntax;
  /** UTF-8, or that of the model's training file if the file is not UTF-8. */
  readonly encoding: string;
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
export async function planFile(
  file: Blob,
  name: string,
  model: Pick<ModelFacts, 'columns' | 'reading'> | null,
): Promise<FilePlan> {
  const { start, encoding } = await readStart(file, model?.reading?.encoding ?? null);
  if (/^\s*\[/.test(start) && !/\.(csv|tsv)$/i.test(name)) throw failure({ code: 'FILE_JSON_LIST' });
  const format = formatOf(name, start);
  const lineBreak = lineBreakOf(start);
  const syntax = format === 'csv' ? chooseSyntax(start, model) : USUAL_SYNTAX;
  const splitter = createRecordSplitter(format, lineBreak, syntax);
  // the last record may be cut, which is enough for a sample
  const records = [...splitter.push(start), ...splitter.end()]
    .map(({ text }) => text)
    .filter((text) => text.trim() !== '');
  const headRecords = format === 'jsonl' ? 0 : isSeparatorLine(records[0] ?? '') ? 2 : 1;
  const head = records.slice(0, headRecords).join('');
  const rows = records.slice(headRecords, headRecords + START_ROWS);
  const reader = createFieldReader(format, head, syntax);
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
  const proposal = proposeColumns(listed, model?.columns ?? null);
  return { format, lineBreak, syntax, encoding, names: listed, samples, hasNoHeader, ...proposal };
}

const SEPARATOR_NAMES: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
  space: ' ',
};

/** Separator and quotes of the model's training file, for a file whose first line has its columns; the server's rule. */
function chooseSyntax(start: string, model: Pick<ModelFacts, 'columns' | 'reading'> | null): FieldSyntax {
  const { separator: named = null, quotes = null } = model?.reading ?? {};
  const separator = named === null ? null : (SEPARATOR_NAMES[named.toLowerCase()] ?? named);
  const header = start.split(/[\r\n]/, 1)[0]!;
  const names = [model?.columns?.title, model?.columns?.text].filter((name) => typeof name === 'string');
  const fits = names.length > 0 && names.every((name) => header.includes(name));
  if (!fits || (separator !== null && header.includes(',') && !header.includes(separator)))
    return USUAL_SYNTAX;
  return { separator, quotes: quotes !== false };
}

/** @param other  an encoding to try if the file is not UTF-8 */
async function readStart(
  file: Blob,
  other: string | null,
): Promise<{ readonly start: string; readonly encoding: string }> {
  const bytes = await file.slice(0, START_BYTES).arrayBuffer();
  for (const encoding of other === null ? ['utf-8'] : ['utf-8', other]) {
    try {
      // the last character may be cut
      const start = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
      if (!start.includes('\0')) return { start, encoding };
    } catch {
      // the next encoding is tried
    }
  }
  throw failure({ code: 'FILE_NOT_UTF8' });
}

function failure(facts: FailureFacts): RequestFailure {
  return new RequestFailure(facts);
}
