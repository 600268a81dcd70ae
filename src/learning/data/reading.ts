// How the bytes of a raw file become rows: encoding, separator and quotes, and what a reader has noticed about the file.
import { appError } from '../../foundation/core/index.ts';
import type { FileNote, FileReading } from '../../foundation/records/index.ts';
import { NO_SEPARATOR } from './csv-parser.ts';

/** The settings of one file; null: found from the file itself. */
export interface ReadingOptions {
  /** A label of the Encoding Standard such as windows-1252 or utf-16le; null: UTF-8. */
  readonly encoding: string | null;
  /** One ASCII character, or its name: comma, semicolon, tab, pipe. */
  readonly separator: string | null;
  /** false: a quote is an ordinary character. */
  readonly quotes: boolean | null;
}

export const DEFAULT_READING: ReadingOptions = { encoding: null, separator: null, quotes: null };

const SEPARATOR_NAMES: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
  space: ' ',
};

/** The character that a separator's name stands for; undefined if it is neither a name nor one ASCII character. */
export function parseSeparator(text: string): string | undefined {
  const character = SEPARATOR_NAMES[text.toLowerCase()] ?? text;
  return /^[\x01-\x7f]$/.test(character) && !/[\r\n"\w]/.test(character) ? character : undefined;
}

/** The name of a separator, or the character itself; null for a table with one column. */
export function nameSeparator(character: string): string | null {
  if (character === NO_SEPARATOR) return null;
  const [name] = Object.entries(SEPARATOR_NAMES).find(([, known]) => known === character) ?? [character];
  return name;
}

/** @throws ENCODING_UNKNOWN, SEPARATOR_UNKNOWN */
export function assertKnownReading({ encoding, separator }: ReadingOptions): void {
  if (encoding !== null && !isKnownEncoding(encoding)) throw appError('ENCODING_UNKNOWN', { got: encoding });
  if (separator !== null && parseSeparator(separator) === undefined)
    throw appError('SEPARATOR_UNKNOWN', { got: separator.slice(0, 20) });
}

/** True for the names of encodings that can be read. */
export function isKnownEncoding(name: string): boolean {
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}

type WithoutFile<T> = T extends unknown ? Omit<T, 'file'> : never;

/** What a reader has noticed about a file whose rows it could read. */
export type RawNote = WithoutFile<FileNote>;

/** The sentence of one note. */
export function formatRawNote(note: RawNote): string {
  if (note.code === 'NOT_A_NUMBER')
    return `${count(note.rows, 'row holds', 'rows hold')} NaN or Infinity, which JSON does not have (Python writes them); read as no value`;
  if (note.code === 'COMMA_EXTRA')
    return `${count(note.rows, 'row has', 'rows have')} a comma too many; read without it`;
  if (note.code === 'LINES_JOINED')
    return `lines ${note.line}-${note.lastLine} are one row, because a quote opens in line ${note.line}${note.rows > 1 ? ` (${note.rows} such rows)` : ''}; if these lines are rows, double that quote or read quotes as text`;
  if (note.code === 'ENCODING_ASSUMED')
    return `read as ${nameEncoding(note.encoding)}, the most likely encoding of text that is not UTF-8; if letters are wrong, set the encoding`;
  if (note.code === 'FORMAT_FOUND') return `the file is ${FORMAT_NAMES[note.format]}, and is read as that`;
  if (note.code === 'COLUMN_NESTED')
    return `the column "${note.column}" holds lists or records; it is not read`;
  if (note.code === 'MEMBERS_LEFT_OUT') {
    const more = note.count > note.members.length ? `, and ${note.count - note.members.length} more` : '';
    return `left out of the archive, because their names are not those of data: ${note.members.join(', ')}${more}`;
  }
  return `${note.times} columns are called "${note.column}"; the first one is read`;
}

const FORMAT_NAMES = { csv: 'CSV', jsonl: 'JSON', parquet: 'Parquet' } as const;

/** utf-16le as people write it: UTF-16LE. */
function nameEncoding(encoding: string): string {
  return encoding === 'windows-1252' ? 'Windows-1252' : encoding.toUpperCase();
}

/** How a file was read, in words: "gzip, CSV with semicolons, UTF-8". */
export function formatFileReading(reading: Omit<FileReading, 'file'>): string {
  const { unpacked, format, encoding, encodingFrom, separator, separatorFrom, labelNames } = reading;
  const parts: string[] = [...unpacked];
  if (format === 'csv') {
    const by = separatorFrom === 'set' || separatorFrom === 'model' ? ' (set)' : '';
    parts.push(separator === null ? 'CSV with one column' : `CSV, separator ${separator}${by}`);
  } else parts.push(FORMAT_NAMES[format]);
  if (encoding !== null) {
    const by = {
      set: ' (set)',
      model: ' (as the training file)',
      assumed: ' (assumed)',
      mark: '',
      found: '',
    };
    parts.push(`${nameEncoding(encoding)}${by[encodingFrom ?? 'found']}`);
  }
  if ((labelNames ?? null) !== null) parts.push(`class names of the file: ${labelNames?.join(', ')}`);
  return parts.join(', ');
}

function count(rows: number, one: string, more: string): string {
  return `${rows} ${rows === 1 ? one : more}`;
}
