// The one file of a form (multipart/form-data), as a stream. A second file is refused: before any row is read where the form
// is short enough to wait for its end, otherwise by an error of the stream.
import { PassThrough, type Readable } from 'node:stream';
import { appError } from '../../foundation/core/index.ts';

export interface FormFile {
  readonly name: string;
  /** The header of the part; empty where it has none. */
  readonly contentType: string;
  readonly bytes: Readable;
}

/** The most bytes of a form before its file. */
const MAX_BYTES_BEFORE_FILE = 128 * 1024;
const MAX_PARTS = 11;
/** A form that ends within both limits is known to have one file before its rows are read. */
const HELD_BYTES = 256 * 1024;
const HELD_MS = 1000;

type PartHeaders = Readonly<Record<string, readonly string[] | undefined>>;
const malformed = (): Error => appError('REQUEST_REFUSED', { reason: 'malformed multipart/form-data' });

/**
 * Finds the file; `check` may refuse it by its headers.
 * @throws UPLOAD_EMPTY, UPLOAD_SEVERAL_FILES, REQUEST_REFUSED, and what `check` throws
 */
export async function openFormFile(
  body: Readable,
  contentType: string,
  check: (file: Omit<FormFile, 'bytes'>) => void,
): Promise<FormFile> {
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  if (boundary === null) throw malformed();
  // most servers never receive a form: the parser is loaded with the first
  const { Dicer } = await import('@fastify/busboy');
  // events of the body before this line are not repeated for later listeners
  if (body.errored !== null) throw body.errored;
  if (body.destroyed) throw appError('REQUEST_REFUSED', { reason: 'aborted' });
  const form = new Dicer({ boundary: boundary[1] ?? boundary[2] ?? '', maxHeaderPairs: 20 });
  return new Promise((resolve, reject) => {
    let file: FormFile | undefined;
    let parts = 0;
    let bytesBefore = 0;
    let held: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(held);
      if (file === undefined) reject(appError('UPLOAD_EMPTY'));
      else resolve(file); // no effect after the first time
    };
    const fail = (error: unknown): void => {
      clearTimeout(held);
      body.unpipe(form);
      body.off('data', countBefore);
      reject(error);
      file?.bytes.destroy(error as Error);
    };
    const countBefore = (chunk: Buffer): void => {
      bytesBefore += chunk.length;
      if (file === undefined && bytesBefore > MAX_BYTES_BEFORE_FILE) fail(malformed());
    };
    const takeFile = (part: Readable, headers: PartHeaders, name: string): void => {
      const about = { name, contentType: headers['content-type']?.[0] ?? '' };
      try {
        check(about);
      } catch (error) {
        part.resume();
        fail(error);
        return;
      }
      body.off('data', countBefore);
      const bytes = new PassThrough({ highWaterMark: HELD_BYTES });
      bytes.on('error', () => {}); // whoever reads the stream gets it; before that it has no listener
      file = { ...about, bytes };
      held = setTimeout(settle, HELD_MS);
      let sizeBytes = 0;
      part.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes >= HELD_BYTES) settle();
      });
      part.pipe(bytes, { end: false }); // it ends with the form: until then a second file may come
    };
    form.on('part', (part) => {
      part.on('error', () => fail(malformed()));
      if (++parts > MAX_PARTS) return fail(malformed());
      part.on('header', (header) => {
        const headers = header as PartHeaders;
        const name = readFileName(headers);
        if (name === undefined) part.resume();
        else if (file === undefined) takeFile(part, headers, name);
        else {
          part.resume();
          fail(appError('UPLOAD_SEVERAL_FILES'));
        }
      });
    });
    form.on('error', () => fail(malformed()));
    form.on('finish', () => {
      body.unpipe(form);
      body.resume(); // what follows the form means nothing
      (file?.bytes as PassThrough | undefined)?.end();
      settle();
    });
    body.on('error', fail);
    // the parser gives no event when the client disconnects in the middle of a form
    body.on('close', () => {
      if (!body.readableEnded) fail(appError('REQUEST_REFUSED', { reason: 'aborted' }));
    });
    body.pipe(form);
    body.on('data', countBefore);
  });
}

/** The file name of a part; undefined where the part is no file, or a field for a file in which none was chosen. */
function readFileName(headers: PartHeaders): string | undefined {
  const disposition = headers['content-disposition']?.[0] ?? '';
  const named = /;\s*filename\*?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/i.exec(disposition);
  const name = named?.[1] ?? named?.[2];
  if (name !== undefined) return name === '' ? undefined : name;
  return /^application\/octet-stream\b/i.test(headers['content-type']?.[0] ?? '') ? 'upload' : undefined;
}
