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
export async function openFormFile(body: Readable, contentType: string, check: CheckFile): Promise<FormFile> {
  const boundary = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  if (boundary === null) throw malformed();
  // most servers never receive a form: the parser is loaded with the first
  const { Dicer } = await import('@fastify/busboy');
  // events of the body before this line are not repeated for later listeners
  if (body.errored !== null) throw body.errored;
  if (body.destroyed) throw appError('REQUEST_REFUSED', { reason: 'aborted' });
  const parser = new Dicer({ boundary: boundary[1] ?? boundary[2] ?? '', maxHeaderPairs: 20 });
  return new Promise((resolve, reject) => new Form(body, check, { resolve, reject }).read(parser));
}

type CheckFile = (file: Omit<FormFile, 'bytes'>) => void;
type Parser = import('@fastify/busboy').Dicer;
/** Only its first call has an effect. */
interface Found {
  readonly resolve: (file: FormFile) => void;
  readonly reject: (error: unknown) => void;
}

/** One form while it is read. */
class Form {
  readonly #body: Readable;
  readonly #check: CheckFile;
  readonly #found: Found;
  readonly #bytes = new PassThrough({ highWaterMark: HELD_BYTES });
  #file: FormFile | undefined;
  #parts = 0;
  #bytesBefore = 0;
  #held: NodeJS.Timeout | undefined;

  constructor(body: Readable, check: CheckFile, found: Found) {
    this.#body = body;
    this.#check = check;
    this.#found = found;
    this.#bytes.on('error', () => {}); // whoever reads the stream gets it; before that it has no listener
  }

  read(parser: Parser): void {
    const body = this.#body;
    const fail = (error: unknown): void => {
      body.unpipe(parser);
      clearTimeout(this.#held);
      this.#found.reject(error);
      this.#bytes.destroy(error as Error);
    };
    parser.on('part', (part) => {
      part.on('error', () => fail(malformed()));
      if (++this.#parts > MAX_PARTS) return fail(malformed());
      part.on('header', (header) => {
        try {
          this.#takePart(part, header as PartHeaders);
        } catch (error) {
          part.resume();
          fail(error);
        }
      });
    });
    parser.on('error', () => fail(malformed()));
    parser.on('finish', () => {
      body.unpipe(parser);
      body.resume(); // what follows the form means nothing
      this.#bytes.end();
      this.#settle();
    });
    body.on('error', fail);
    // the parser gives no event when the client disconnects in the middle of a form
    body.on('close', () => {
      if (!body.readableEnded) fail(appError('REQUEST_REFUSED', { reason: 'aborted' }));
    });
    body.pipe(parser);
    body.on('data', (chunk: Buffer) => {
      if (this.#file !== undefined) return;
      this.#bytesBefore += chunk.length;
      if (this.#bytesBefore > MAX_BYTES_BEFORE_FILE) fail(malformed());
    });
  }

  /** @throws UPLOAD_SEVERAL_FILES and what the check throws */
  #takePart(part: Readable, headers: PartHeaders): void {
    const name = readFileName(headers);
    if (name === undefined) {
      part.resume();
      return;
    }
    if (this.#file !== undefined) throw appError('UPLOAD_SEVERAL_FILES');
    const about = { name, contentType: headers['content-type']?.[0] ?? '' };
    this.#check(about);
    this.#file = { ...about, bytes: this.#bytes };
    this.#held = setTimeout(() => this.#settle(), HELD_MS);
    let sizeBytes = 0;
    part.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes >= HELD_BYTES) this.#settle();
    });
    part.pipe(this.#bytes, { end: false }); // it ends with the form: until then a second file may come
  }

  #settle(): void {
    clearTimeout(this.#held);
    if (this.#file === undefined) this.#found.reject(appError('UPLOAD_EMPTY'));
    else this.#found.resolve(this.#file);
  }
}

/** The file name of a part; undefined where the part is no file, or a field for a file in which none was chosen. */
function readFileName(headers: PartHeaders): string | undefined {
  const disposition = headers['content-disposition']?.[0] ?? '';
  const named = /;\s*filename\*?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/i.exec(disposition);
  const name = named?.[1] ?? named?.[2];
  if (name !== undefined) return name === '' ? undefined : name;
  return /^application\/octet-stream\b/i.test(headers['content-type']?.[0] ?? '') ? 'upload' : undefined;
}
