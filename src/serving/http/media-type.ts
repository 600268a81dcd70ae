// The header content-type of a request: its media type, its charset, and how errors name it.
import { TextDecoder } from 'node:util';
import { appError } from '../../foundation/core/index.ts';

/** The media type in lower case, without parameters; empty where there is none. */
export function readMediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]!.trim().toLowerCase();
}

/** The types that an error names: any other might hold words of an article. */
const NAMED = new Set([
  'application/octet-stream',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/xml',
  'multipart/form-data',
  'text/csv',
  'text/html',
  'text/plain',
  'text/xml',
]);

/** The media type as an error may name it. */
export function nameMediaType(header: string | undefined): string {
  const type = readMediaType(header);
  return type === '' ? 'none' : NAMED.has(type) ? type : 'another';
}

const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^;\s]*))/i;

/**
 * Makes a decoder for the charset that a content-type declares. Names are those of the Encoding Standard
 * (https://encoding.spec.whatwg.org), so iso-8859-1 is read as windows-1252, as browsers read it.
 * @returns undefined where the text is UTF-8, declared or not
 * @throws CHARSET_UNKNOWN
 */
export function createCharsetDecoder(header: string | undefined): TextDecoder | undefined {
  const match = CHARSET.exec(header ?? '');
  const label = (match?.[1] ?? match?.[2] ?? match?.[3] ?? '').trim();
  if (label === '') return undefined;
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    throw appError('CHARSET_UNKNOWN', { charset: /^[\w.:+-]{1,40}$/.test(label) ? label : 'another' });
  }
  return decoder.encoding === 'utf-8' ? undefined : decoder;
}

/**
 * The same text as UTF-8, chunk by chunk. A byte order mark overrules the declared charset (Encoding Standard, "decode").
 * What is no text in its charset becomes the byte FF, which is no UTF-8 either: its row is refused, and the others are read.
 */
export async function* convertToUtf8(
  chunks: AsyncIterable<Buffer>,
  declared: TextDecoder,
): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (decoder === undefined) {
      start = bytes = Buffer.concat([start, chunk]);
      if (start.length < 3) continue;
      decoder = createMarkedDecoder(start) ?? declared;
    }
    yield encodeUtf8(decoder.decode(bytes, { stream: true }));
  }
  const [last, rest] = decoder === undefined ? [createMarkedDecoder(start) ?? declared, start] : [decoder];
  yield encodeUtf8(last.decode(rest));
}

function createMarkedDecoder(start: Buffer): TextDecoder | undefined {
  const mark = start.toString('hex', 0, 3);
  const encoding = mark === 'efbbbf' ? 'utf-8' : mark.startsWith('fffe') ? 'utf-16le' : 'utf-16be';
  return encoding === 'utf-16be' && !mark.startsWith('feff') ? undefined : new TextDecoder(encoding);
}

const REPLACEMENT = '\uFFFD';
const NO_UTF8 = Buffer.from([0xff]);

function encodeUtf8(text: string): Buffer {
  if (!text.includes(REPLACEMENT)) return Buffer.from(text);
  return Buffer.concat(
    text
      .split(REPLACEMENT)
      .flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [NO_UTF8, Buffer.from(part)])),
  );
}
