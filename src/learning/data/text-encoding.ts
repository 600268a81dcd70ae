// Finds the encoding of text and converts it to UTF-8, as a stream. UTF-16 has a mark or zero bytes. UTF-8 shows at the first
// letter beyond ASCII: until then, bytes are passed on as they are. Text that is not UTF-8 is read as Windows-1252, by far the
// most frequent of the encodings with one byte a letter, if its bytes look like that; every other encoding needs a setting.
import { isAscii, isUtf8 } from 'node:buffer';
import { appError, FILE_KIND_BYTES, recogniseFileKind } from '../../foundation/core/index.ts';
import { isKnownEncoding } from './reading.ts';

export interface TextEncoding {
  /** As the Encoding Standard calls it: utf-8, utf-16le, windows-1252. */
  readonly encoding: string;
  /** set: by the caller; model: as the model's training file; mark: a byte order mark; found: by the bytes; assumed: the most likely one. */
  readonly from: 'set' | 'model' | 'mark' | 'found' | 'assumed';
}

export interface DecodeRequest {
  /** In messages. */
  readonly path: string;
  /** What the caller sets; null: found from the bytes. */
  readonly encoding: string | null;
  /** The encoding of text that is not UTF-8; null: found from the bytes. */
  readonly usual: string | null;
  /** How the caller can name the encoding, for messages: such as `data.encoding=`. */
  readonly argument: string;
  /** Receives the encoding once it is known; not at all if all bytes are ASCII. */
  readonly onFound: (found: TextEncoding) => void;
}

/** Enough bytes to recognise a kind of file whose first line is short. */
const MIN_HEAD_BYTES = 24;
/** So many lines that are not UTF-8, and none that is, are text in another encoding; fewer may be damaged rows. */
const MIN_BAD_LINES = 3;
const MIN_BAD_SHARE = 0.2;
/** How many bytes from the first letter beyond ASCII on may decide. */
const WINDOW_BYTES = 1 << 20;

/**
 * Converts chunks of text to UTF-8.
 * @throws DATA_FILE_INVALID for what is no text, and for text in an encoding that is not found from its bytes
 */
export async function* decodeText(
  chunks: AsyncIterable<Buffer>,
  request: DecodeRequest,
): AsyncGenerator<Buffer> {
  const { encoding, onFound } = request;
  const iterator = takeHead(chunks)[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    if (first.done === true) return;
    const rest = prepend(first.value, iterator);
    const wide = findMarkedEncoding(first.value, request);
    if (wide !== null || encoding !== null) {
      if (encoding !== null) assertNotUtf8(request.path, first.value, encoding);
      const found = wide ?? { encoding: nameEncoding(encoding as string), from: 'set' as const };
      onFound(found);
      yield* convert(rest, found.encoding);
    } else yield* decodeNarrow(rest, request);
  } finally {
    await iterator.return?.(undefined);
  }
}

/** The encoding of UTF-16, and of UTF-8 with a mark; null for other text and where the caller sets it. @throws DATA_FILE_INVALID */
function findMarkedEncoding(head: Buffer, { path, encoding, argument }: DecodeRequest): TextEncoding | null {
  const kind = recogniseFileKind(head);
  if (encoding !== null && (kind === undefined || kind.encoding !== undefined)) return null;
  if (kind === undefined)
    return head.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? { encoding: 'utf-8', from: 'mark' } : null;
  const name = kind.encoding?.toLowerCase();
  if (name !== undefined && isKnownEncoding(name)) {
    const mark = head.readUInt16BE(0);
    return { encoding: nameEncoding(name), from: mark === 0xfffe || mark === 0xfeff ? 'mark' : 'found' };
  }
  const remedy = name === undefined ? kind.remedy : `${kind.remedy} ${argument}NAME reads other encodings.`;
  throw appError('DATA_FILE_INVALID', { path, expected: 'UTF-8 text', got: kind.name, remedy });
}

/** Text in UTF-8 or with one byte a letter. */
async function* decodeNarrow(chunks: AsyncIterable<Buffer>, request: DecodeRequest): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let window: Buffer = Buffer.alloc(0);
  for (let next = await iterator.next(); ; next = await iterator.next()) {
    const isEnd = next.done === true;
    if (next.done !== true) {
      if (window.length === 0 && isAscii(next.value)) {
        yield next.value;
        continue;
      }
      window = window.length === 0 ? next.value : Buffer.concat([window, next.value]);
    } else if (window.length === 0) return;
    const found = weighWindow(window, isEnd || window.length >= WINDOW_BYTES, request);
    if (found === null) continue;
    request.onFound(found);
    yield* convert(isEnd ? one(window) : prepend(window, iterator), found.encoding);
    return;
  }
}

/** Decides by the lines of the window; null: more bytes are needed. @throws DATA_FILE_INVALID */
function weighWindow(window: Buffer, isWhole: boolean, request: DecodeRequest): TextEncoding | null {
  const { good, bad, lines } = countLines(window, isWhole);
  const utf8: TextEncoding = { encoding: 'utf-8', from: 'found' };
  if (good > 0) return utf8; // with damaged rows, if there are bad ones
  if (bad < MIN_BAD_LINES && !isWhole) return null;
  if (bad === 0 || (bad < MIN_BAD_LINES && (bad < lines * MIN_BAD_SHARE || lines < MIN_BAD_LINES)))
    return utf8;
  if (request.usual !== null) return { encoding: nameEncoding(request.usual), from: 'model' };
  if (looksWestern(window)) return { encoding: 'windows-1252', from: 'assumed' };
  throw appError('DATA_FILE_INVALID', {
    path: request.path,
    expected: 'text in UTF-8, UTF-16 or Windows-1252',
    got: `text in another encoding (${bad} of ${lines} lines)`,
    remedy: `Set ${request.argument}NAME (windows-1251, windows-1250, koi8-r, gb18030, shift_jis, ...), or convert it: iconv -f NAME -t UTF-8 FILE > NEWFILE.`,
  });
}

/** Lines with letters beyond ASCII, by whether they are UTF-8; the last line counts only if the window is whole. */
function countLines(window: Buffer, isWhole: boolean): { good: number; bad: number; lines: number } {
  const counts = { good: 0, bad: 0, lines: 0 };
  for (let from = 0; from < window.length; counts.lines++) {
    const end = window.indexOf(0x0a, from);
    if (end === -1 && !isWhole) break;
    const line = window.subarray(from, end === -1 ? window.length : end);
    from = end === -1 ? window.length : end + 1;
    if (isAscii(line)) continue;
    if (isUtf8(line)) counts.good++;
    else counts.bad++;
  }
  return counts;
}

/** The largest share of letters beyond ASCII in text of a western language; in Cyrillic or Greek it is near 1. */
const MAX_HIGH_SHARE = 0.3;
/** The largest share of them that are signs between letters: in other encodings, such bytes are letters (Polish ł is ³). */
const MAX_SIGN_SHARE = 0.05;

/** Whether bytes are likely to be Windows-1252: it knows all of them, most letters are ASCII, and signs stand between words. */
function looksWestern(bytes: Buffer): boolean {
  let high = 0;
  let letters = 0;
  let signs = 0;
  const isLetter = (byte: number | undefined): boolean =>
    byte !== undefined && ((byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a));
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (isLetter(byte)) letters++;
    if (byte < 0x80) continue;
    if (UNKNOWN_BYTES.has(byte)) return false;
    high++;
    const isSign = byte >= 0xa1 && byte <= 0xbf && !SIGNS_IN_WORDS.has(byte);
    if (isSign && isLetter(bytes[at - 1]) && isLetter(bytes[at + 1])) signs++;
  }
  return high <= MAX_HIGH_SHARE * (letters + high) && signs <= MAX_SIGN_SHARE * high;
}

/** Windows-1252 has no character for them. */
const UNKNOWN_BYTES: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
/** Ordinal indicators, soft hyphen, acute accent as an apostrophe, middle dot (Catalan l·l). */
const SIGNS_IN_WORDS: ReadonlySet<number> = new Set([0xaa, 0xba, 0xad, 0xb4, 0xb7]);

/**
 * Refuses UTF-8 that would be read in an encoding with one byte for each character: every ü would become Ã¼.
 * @throws DATA_FILE_INVALID
 */
function assertNotUtf8(path: string, head: Buffer, encoding: string): void {
  const hasOneByteEach = /^(windows-|iso-8859|koi8|macintosh|x-mac|ibm866)/.test(nameEncoding(encoding));
  if (!hasOneByteEach || isAscii(head)) return;
  // The head may end within a character.
  const parts = [0, 1, 2, 3].map((cut) => head.subarray(0, Math.max(0, head.length - cut)));
  if (!parts.some((part) => isUtf8(part) && !isAscii(part))) return;
  throw appError('DATA_FILE_INVALID', {
    path,
    expected: `text in ${encoding}`,
    got: 'text in UTF-8',
    remedy: 'Leave out the setting of the encoding: UTF-8 is read without it.',
  });
}

/** The name that the Encoding Standard gives an encoding. */
function nameEncoding(label: string): string {
  return new TextDecoder(label).encoding;
}

/** The same chunks, with enough bytes in the first one to recognise a kind of file. */
async function* takeHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < FILE_KIND_BYTES && (head.length < MIN_HEAD_BYTES || !head.includes(0x0a))) continue;
    yield head;
    head = null;
  }
  if (head !== null && head.length > 0) yield head;
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* one(chunk: Buffer): AsyncGenerator<Buffer> {
  yield chunk;
}

async function* convert(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  if (encoding === 'utf-8') {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}
