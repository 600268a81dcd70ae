// The file of an upload and its format: the file is the body itself, or a part of multipart/form-data.
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';
import { withinMs } from '../http/index.ts';

export interface UploadFile {
  readonly format: 'csv' | 'jsonl';
  readonly bytes: Readable;
}

const FORMATS: Readonly<Record<string, UploadFile['format']>> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/vnd.ms-excel': 'csv', // the type that browsers on Windows give a .csv file
  'application/x-ndjson': 'jsonl',
  'application/ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
  'application/x-jsonlines': 'jsonl',
  'application/json-lines': 'jsonl',
};
const EXTENSIONS: Readonly<Record<string, UploadFile['format']>> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** The most bytes of a form before its file. */
const MAX_BYTES_BEFORE_FILE = 128 * 1024;

/**
 * Finds the file; its bytes are not read yet.
 * @throws UPLOAD_EMPTY, UPLOAD_TYPE_UNSUPPORTED, REQUEST_TOO_SLOW, REQUEST_REFUSED
 */
export async function openUpload(request: FastifyRequest, bodySeconds: number): Promise<UploadFile> {
  const mediaType = bareType(request.headers['content-type']);
  if (!(request.body instanceof Readable)) throw appError('UPLOAD_EMPTY');
  const wanted = (request.query as { format?: unknown }).format;
  const chosen = wanted === 'csv' || wanted === 'jsonl' ? wanted : undefined;
  if (mediaType === 'multipart/form-data')
    return withinMs(openPart(request, request.body, chosen), bodySeconds * 1000, bodySeconds);
  const format = chosen ?? FORMATS[mediaType];
  if (format === undefined) throw unsupported();
  return { format, bytes: request.body };
}

async function openPart(
  request: FastifyRequest,
  body: Readable,
  chosen: UploadFile['format'] | undefined,
): Promise<UploadFile> {
  // most servers never receive a form: the parser is loaded with the first
  const { Busboy } = await import('@fastify/busboy');
  // events of the body before this line are not repeated for later listeners
  if (body.errored !== null) throw body.errored;
  if (body.destroyed) throw appError('REQUEST_REFUSED', { reason: 'aborted' });
  return new Promise((resolve, reject) => {
    const refuse = (): void =>
      reject(appError('REQUEST_REFUSED', { reason: 'malformed multipart/form-data' }));
    try {
      const form = new Busboy({
        headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
        limits: { files: 1, fields: 10, parts: 11, fieldSize: 1024, fieldNameSize: 100, headerPairs: 20 },
      });
      let file: Readable | undefined;
      let bytesBefore = 0;
      const countBefore = (chunk: Buffer): void => {
        bytesBefore += chunk.length;
        if (bytesBefore <= MAX_BYTES_BEFORE_FILE) return;
        body.unpipe(form);
        body.off('data', countBefore);
        refuse();
      };
      form.on('file', (_field, bytes, name, _encoding, type) => {
        file = bytes;
        body.off('data', countBefore);
        const extension = /\.(\w+)$/.exec(name ?? '')?.[1]?.toLowerCase() ?? '';
        const format = chosen ?? EXTENSIONS[extension] ?? FORMATS[bareType(type)];
        if (format !== undefined) return resolve({ format, bytes });
        bytes.resume();
        reject(unsupported());
      });
      form.on('finish', () => reject(appError('UPLOAD_EMPTY'))); // no effect after a file was found
      form.on('error', () => {
        file?.destroy(appError('REQUEST_REFUSED', { reason: 'malformed multipart/form-data' }));
        refuse();
      });
      body.on('error', (error) => {
        file?.destroy(error);
        reject(error);
      });
      // the parser gives no event when the client disconnects in the middle of a form
      body.on('close', () => {
        if (!body.readableEnded) file?.destroy(appError('REQUEST_REFUSED', { reason: 'aborted' }));
      });
      body.pipe(form);
      body.on('data', countBefore);
    } catch {
      refuse();
    }
  });
}

function unsupported(): Error {
  return appError('UPLOAD_TYPE_UNSUPPORTED');
}

function bareType(header: string | undefined): string {
  return (header ?? '').split(';')[0]!.trim().toLowerCase();
}
