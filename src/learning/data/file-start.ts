// Looks at the beginning of text: whether it is CSV or JSON, and whether it is read as the model's training file was. Such settings
// (separator, quotes) count only for a file that looks like that file.
import { extname } from 'node:path';
import type { RawFile } from './raw-row.ts';
import { DEFAULT_READING, parseSeparator, type ReadingOptions } from './reading.ts';

export interface FileStart extends Pick<ReadingOptions, 'separator' | 'quotes'> {
  readonly format: 'csv' | 'jsonl';
  /** Whether something else than the content says that the file is of the other format. */
  readonly isOtherFormat: boolean;
  /** Who says what the separator is; null: nobody, so that it is found from the file. */
  readonly separatorFrom: 'set' | 'model' | null;
  /** All bytes, those that were looked at included. */
  readonly chunks: AsyncIterable<Buffer>;
}

export interface FileStartRequest extends Pick<RawFile, 'format' | 'reading' | 'model'> {
  /** The name of the file, for its ending. */
  readonly name: string;
}

const START_BYTES = 4096;
/** How JSON begins, and no header line: an object with a key in quotes, or a list of objects. */
const JSON_START = /^\s*(?:\{\s*"|\[\s*\{)/;

/** @param stream  text in UTF-8 */
export async function readFileStart(
  stream: AsyncIterable<Buffer>,
  { format, reading = DEFAULT_READING, model = {}, name }: FileStartRequest,
): Promise<FileStart> {
  const iterator = stream[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  // A slow client gets its first predictions early: the first line is enough.
  const isEnough = (): boolean =>
    start.length >= START_BYTES || /[^\s\xef\xbb\xbf][^\n]*\n/.test(start.toString('latin1'));
  while (!isEnough()) {
    const next = await iterator.next();
    if (next.done === true) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      if (start.length > 0) yield start;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  const text = start.toString('utf8', 0, 64 * 1024).replace(/^\ufeff/, '');
  const expected = format ?? formatOfName(name);
  const looksLikeJson = expected === null ? /^\s*[{[]/.test(text) : JSON_START.test(text);
  const found = looksLikeJson || expected === 'jsonl' ? 'jsonl' : 'csv';
  const own = found === 'csv' && hasColumns(text, model) ? model.reading : undefined;
  return {
    format: found,
    isOtherFormat: expected !== null && expected !== found,
    separator: reading.separator ?? own?.separator ?? null,
    separatorFrom: reading.separator !== null ? 'set' : own?.separator == null ? null : 'model',
    quotes: reading.quotes ?? own?.quotes ?? null,
    chunks: chunks(),
  };
}

/** The format by the name of a file; null if the name does not say it. */
export function formatOfName(path: string): 'csv' | 'jsonl' | null {
  const extension = extname(path).toLowerCase();
  if (['.jsonl', '.ndjson', '.json'].includes(extension)) return 'jsonl';
  return ['.csv', '.tsv', '.tab', '.psv'].includes(extension) ? 'csv' : null;
}

/** Whether the first line has the columns of the model's training file, and its separator between them. */
function hasColumns(text: string, { columns, reading }: NonNullable<RawFile['model']>): boolean {
  const header = text.split(/[\r\n]/, 1)[0] ?? '';
  const separator = reading?.separator == null ? undefined : parseSeparator(reading.separator);
  const names = [columns?.title, columns?.text].filter((name) => typeof name === 'string');
  const fits = names.length > 0 && names.every((name) => header.includes(name));
  return fits && (separator === undefined || !header.includes(',') || header.includes(separator));
}
