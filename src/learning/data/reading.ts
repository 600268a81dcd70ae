// How the bytes of a raw file become rows: encoding, separator and quotes, and what a reader has noticed about the file.
import { isUtf8 } from 'node:buffer';
import { appError } from '../../foundation/core/index.ts';
import type { FileNote } from '../../foundation/records/index.ts';

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

/** True for the names of encodings that can be read. */
export function isKnownEncoding(name: string): boolean {
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}

/** Converts chunks to UTF-8. @param encoding  a known encoding; null: the chunks are UTF-8 */
export async function* decodeChunks(
  chunks: AsyncIterable<Buffer>,
  encoding: string | null,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding ?? 'utf-8');
  if (decoder.encoding === 'utf-8') {
    yield* chunks;
    return;
  }
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
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
  return `${note.times} columns are called "${note.column}"; the first one is read`;
}

function count(rows: number, one: string, more: string): string {
  return `${rows} ${rows === 1 ? one : more}`;
}

/**
 * Refuses UTF-8 that would be read in an encoding with one byte for each character: every ü would become Ã¼.
 * @throws DATA_FILE_INVALID
 */
export function assertNotUtf8(path: string, head: Buffer, encoding: string): void {
  const hasOneByteEach = /^(windows-|iso-8859|koi8|macintosh|x-mac|ibm866)/.test(
    new TextDecoder(encoding).encoding,
  );
  if (!hasOneByteEach || !head.some((byte) => byte >= 0x80)) return;
  // The head may end within a character.
  if (![0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, Math.max(0, head.length - cut))))) return;
  throw appError('DATA_FILE_INVALID', {
    path,
    expected: `text in ${encoding}`,
    got: 'text in UTF-8',
    remedy: 'Leave out the setting of the encoding: UTF-8 is read without it.',
  });
}

const MIN_BAD_LINES = 3;
const MIN_BAD_SHARE = 0.2;

/**
 * Refuses text in an encoding with one byte for each character. Single rows that are not UTF-8 are left to the parser.
 * @param head  the beginning of the file
 * @param argument  how the caller can name the encoding
 * @throws DATA_FILE_INVALID
 */
export function assertNotEightBit(path: string, head: Buffer, argument = 'data.encoding='): void {
  if (isUtf8(head)) return;
  let lines = 0;
  let bad = 0;
  for (let from = 0; from < head.length; lines++) {
    const end = head.indexOf(0x0a, from);
    if (end === -1) break; // the head may end within a character
    const line = head.subarray(from, end);
    from = end + 1;
    if (!isUtf8(line)) bad++;
    else if (line.some((byte) => byte >= 0x80)) return; // UTF-8 with damaged rows
  }
  if (bad < MIN_BAD_LINES || bad < lines * MIN_BAD_SHARE) return;
  throw appError('DATA_FILE_INVALID', {
    path,
    expected: 'UTF-8 text',
    got: `text in another encoding, probably Windows-1252 (${bad} of the first ${lines} lines)`,
    remedy: `Convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEWFILE, or set ${argument}windows-1252.`,
  });
}
