// Limits between the socket and the body's parser. Gzip and deflate are inflated only up to the size limit, so that a bomb costs
// no more than an allowed body; a body that arrives too slowly is cut off. An upload may take long, but must keep a minimum rate.
import { type Readable, Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** For a route that reads its body as a stream. */
  readonly maxUploadBytes: number;
  /** Time for the whole body; an upload may fall this far behind the minimum rate. */
  readonly bodySeconds: number;
}

/** The minimum rate of an upload on average; only the time that we wait for it counts. */
const MIN_UPLOAD_BYTES_PER_SECOND = 1024;

/** Does the request announce a body? */
export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

export function addBodyLimits(app: FastifyInstance, limits: BodyLimits): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const definition = request.routeOptions.config.definition;
    if (!hasBody(request) || definition?.body === undefined) return payload;
    const streams = definition.streamsBody === true;
    const maxBytes = streams ? limits.maxUploadBytes : limits.maxBodyBytes;
    if (Number(request.headers['content-length'] ?? 0) > maxBytes)
      throw appError('REQUEST_TOO_LARGE', { maxBytes });
    const encoding = readEncoding(request);
    const stream = encoding === undefined ? payload : inflate(payload, encoding, maxBytes);
    if (!streams) limitTime(request, stream, limits.bodySeconds);
    return stream;
  });
}

/** How to undo each content-encoding; deflate is the zlib format (RFC 9110, 8.4.1.2). */
const ENCODINGS = {
  gzip: { create: createGunzip, code: 'GZIP_INVALID' },
  deflate: { create: createInflate, code: 'DEFLATE_INVALID' },
} as const;
type Encoding = keyof typeof ENCODINGS;

/** For the header accept-encoding. */
export const ACCEPTED_ENCODINGS = Object.keys(ENCODINGS).join(', ');

/** @throws CONTENT_ENCODING_UNSUPPORTED */
function readEncoding({ headers }: FastifyRequest): Encoding | undefined {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  if (encoding === 'deflate') return 'deflate';
  if (encoding === '' || encoding === 'identity') return undefined;
  throw appError('CONTENT_ENCODING_UNSUPPORTED');
}

/** Inflates at most `maxBytes`. Never destroys `source`: the response needs its socket. */
function inflate(source: Readable, encoding: Encoding, maxBytes: number): Readable {
  const { create, code } = ENCODINGS[encoding];
  const inflater = create();
  let bytes = 0;
  const limited = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes > maxBytes) done(appError('REQUEST_TOO_LARGE', { maxBytes }));
      else done(null, chunk);
    },
  });
  // fastify compares this with content-length
  Object.defineProperty(limited, 'receivedEncodedLength', { get: () => inflater.bytesWritten });
  limited.on('error', () => {}); // a request may be refused before its body is read: then this error has no listener
  inflater.on('error', (cause) => limited.destroy(appError(code, {}, { cause })));
  source.on('error', (cause) => limited.destroy(cause));
  source.on('close', () => {
    if (!source.readableEnded) limited.destroy(appError('REQUEST_REFUSED', { reason: 'aborted' }));
  });
  limited.on('close', () => {
    source.unpipe(inflater);
    inflater.destroy();
  });
  source.pipe(inflater).pipe(limited);
  return limited;
}

function limitTime(request: FastifyRequest, stream: Readable, seconds: number): void {
  const timer = setTimeout(() => {
    // not destroy(): that would close the socket, and the response could not be sent
    if (stream.listenerCount('error') > 0) stream.emit('error', appError('REQUEST_TOO_SLOW', { seconds }));
  }, seconds * 1000);
  const stop = (): void => clearTimeout(timer);
  stream.once('end', stop);
  request.raw.once('close', stop);
}

/**
 * The chunks of an upload.
 * @throws REQUEST_TOO_SLOW when it falls `bodySeconds` behind the minimum rate, REQUEST_TOO_LARGE
 */
export async function* readUpload(
  stream: Readable,
  { bodySeconds, maxUploadBytes }: Pick<BodyLimits, 'bodySeconds' | 'maxUploadBytes'>,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  let waitedMs = 0;
  const chunks = stream.iterator({ destroyOnReturn: false });
  for (;;) {
    const allowedMs = (bodySeconds + bytes / MIN_UPLOAD_BYTES_PER_SECOND) * 1000 - waitedMs;
    const startMs = performance.now();
    const next = await withinMs(chunks.next(), allowedMs, bodySeconds);
    if (next.done === true) return;
    waitedMs += performance.now() - startMs;
    const chunk = next.value as Buffer;
    bytes += chunk.length;
    if (bytes > maxUploadBytes) throw appError('REQUEST_TOO_LARGE', { maxBytes: maxUploadBytes });
    yield chunk;
  }
}

/** Awaits `promise` for at most `ms`. @param seconds  for the error message @throws REQUEST_TOO_SLOW */
export async function withinMs<T>(promise: Promise<T>, ms: number, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(appError('REQUEST_TOO_SLOW', { seconds })), Math.max(0, ms));
  });
  promise.catch(() => {}); // after the time limit its failure has no listener
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
