// Looks at the first bytes of a file to predict: its format, if nothing says it, and whether it is read as the model's
// training file was. Such settings (encoding, separator, quotes) count only for a file that looks like that file.
import { isUtf8 } from 'node:buffer';
import { appError } from '../../foundation/core/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { DEFAULT_READING, isKnownEncoding, parseSeparator, type ReadingOptions } from './reading.ts';

export interface FileStart {
  readonly format: 'csv' | 'jsonl';
  readonly reading: ReadingOptions;
  /** All bytes, those that were looked at included. */
  readonly chunks: AsyncIterable<Buffer>;
}

export interface FileStartRequest {
  /** null: JSON begins with a brace or a bracket, everything else is CSV. */
  readonly format: 'csv' | 'jsonl' | null;
  /**
   * What the caller sets. null: the encoding is UTF-8, or that of the model's training file if the file is not UTF-8; separator and
   * quotes are those of the training file for a file with its columns, else found from the file.
   */
  readonly reading: ReadingOptions;
  readonly model: Pick<ModelFolder, 'columns' | 'reading'>;
}

const START_BYTES = 4096;

/** @throws ENCODING_UNKNOWN, SEPARATOR_UNKNOWN */
export async function readFileStart(
  stream: AsyncIterable<Buffer>,
  { format, reading, model }: FileStartRequest,
): Promise<FileStart> {
  const { encoding } = reading;
  assertKnown(reading);
  const iterator = stream[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  // A slow client gets its first predictions early: unless bytes decide the encoding, the first line is enough.
  const isEnough = (): boolean =>
    start.length >= START_BYTES ||
    (model.reading?.encoding == null && /[^\s\xef\xbb\xbf][^\n]*\n/.test(start.toString('latin1')));
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
  const own = model.reading ?? DEFAULT_READING;
  const chosen = encoding ?? (own.encoding !== null && !looksLikeUtf8(start) ? own.encoding : null);
  const text = new TextDecoder(chosen ?? 'utf-8').decode(start.subarray(0, 64 * 1024));
  const found = format ?? (/^\s*[{[]/.test(text) ? 'jsonl' : 'csv');
  const isLikeTrainingFile = found === 'csv' && hasColumns(text, model);
  const usual = isLikeTrainingFile ? own : DEFAULT_READING;
  const separator = reading.separator ?? usual.separator;
  const quotes = reading.quotes ?? usual.quotes;
  return { format: found, reading: { encoding: chosen, separator, quotes }, chunks: chunks() };
}

/** @throws ENCODING_UNKNOWN, SEPARATOR_UNKNOWN */
function assertKnown({ encoding, separator }: ReadingOptions): void {
  if (encoding !== null && !isKnownEncoding(encoding)) throw appError('ENCODING_UNKNOWN', { got: encoding });
  if (separator !== null && parseSeparator(separator) === undefined)
    throw appError('SEPARATOR_UNKNOWN', { got: separator.slice(0, 20) });
}

/** The last character may be cut; text in UTF-16 may be valid UTF-8, but has zeros. */
function looksLikeUtf8(start: Buffer): boolean {
  if (start.includes(0)) return false;
  return [0, 1, 2, 3].some((cut) => isUtf8(start.subarray(0, Math.max(0, start.length - cut))));
}

/** Whether the first line has the columns of the model's training file, and its separator between them. */
function hasColumns(text: string, { columns, reading }: FileStartRequest['model']): boolean {
  const header = text.split(/[\r\n]/, 1)[0] ?? '';
  const separator = reading?.separator == null ? undefined : parseSeparator(reading.separator);
  const names = [columns?.title, columns?.text].filter((name) => typeof name === 'string');
  const fits = names.length > 0 && names.every((name) => header.includes(name));
  return fits && (separator === undefined || !header.includes(',') || header.includes(separator));
}
