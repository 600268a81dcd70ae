// The file of an upload, its format and its charset: the file is the body itself, or a part of multipart/form-data.
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';
import { convertToUtf8, createCharsetDecoder, readMediaType, readUpload, withinMs } from '../http/index.ts';
import { type FormFile, openFormFile } from './upload-form.ts';

export interface UploadFile {
  /** null: found from the content: an archive or Parquet. */
  readonly format: 'csv' | 'jsonl' | null;
  readonly bytes: Readable;
  /** Decodes the charset that was declared; undefined: UTF-8. */
  readonly charset: ReturnType<typeof createCharsetDecoder>;
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
  'application/gzip': null,
  'application/x-gzip': null,
  'application/zip': null,
  'application/x-zip-compressed': null,
  'application/vnd.apache.parquet': null,
  'application/x-parquet': null,
};
const EXTENSIONS: Readonly<Record<string, UploadFile['format']>> = {
  csv: 'csv',
  tsv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl', // a list of objects is read, too
  gz: null,
  zip: null,
  parquet: null,
  pq: null,
};

/**
 * Finds the file; its bytes are not read yet.
 * @throws UPLOAD_EMPTY, UPLOAD_TYPE_UNSUPPORTED, UPLOAD_SEVERAL_FILES, CHARSET_UNKNOWN, REQUEST_TOO_SLOW, REQUEST_REFUSED
 */
export async function openUpload(request: FastifyRequest, bodySeconds: number): Promise<UploadFile> {
  const contentType = request.headers['content-type'] ?? '';
  if (!(request.body instanceof Readable)) throw appError('UPLOAD_EMPTY');
  const wanted = (request.query as { format?: unknown }).format;
  const chosen = wanted === 'csv' || wanted === 'jsonl' ? wanted : undefined;
  if (readMediaType(contentType) === 'multipart/form-data') {
    const form = openFormFile(request.body, contentType, (part) => describeFile(part, chosen));
    const file = await withinMs(form, bodySeconds * 1000, bodySeconds);
    return { ...describeFile(file, chosen), bytes: file.bytes };
  }
  return { ...describeFile({ name: '', contentType }, chosen), bytes: request.body };
}

/** The file's bytes as UTF-8. @throws REQUEST_TOO_SLOW, REQUEST_TOO_LARGE and what broke the upload, while it is read */
export function readUploadFile(
  { bytes, charset }: UploadFile,
  limits: Parameters<typeof readUpload>[1],
): AsyncGenerator<Buffer> {
  const chunks = readUpload(bytes, limits);
  return charset === undefined ? chunks : convertToUtf8(chunks, charset);
}

/** @throws UPLOAD_TYPE_UNSUPPORTED, CHARSET_UNKNOWN */
function describeFile(
  { name, contentType }: Omit<FormFile, 'bytes'>,
  chosen: UploadFile['format'] | undefined,
): Omit<UploadFile, 'bytes'> {
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = readMediaType(contentType);
  const format = [chosen, EXTENSIONS[extension], FORMATS[type]].find((found) => found !== undefined);
  if (format === undefined) throw appError('UPLOAD_TYPE_UNSUPPORTED');
  // a charset is that of text; what is packed is decoded once it is unpacked
  return { format, charset: format === null ? undefined : createCharsetDecoder(contentType) };
}
