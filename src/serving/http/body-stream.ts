// Between the socket and the body's parser: gzip is inflated within the limit, so that a bomb costs no more than a body
// of the limit; whoever sends slowly is cut off. Uploads that are read as a stream may take long, but not stand still.
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { appError } from '../../foundation/core/index.ts';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Of a route that reads its body as a stream. */
  readonly maxUploadBytes: number;
  /** For the whole body; for an upload, what it may lag behind its slowest rate. */
  readonly bodySeconds: number;
}

/** An upload has to keep up this rate on average; only the time in which we wait for it counts. */
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
    const stream = isCompressed(request) ? inflate(payload, maxBytes) : payload;
    if (!streams) limitTime(request, stream, limits.bodySeconds);
    return stream;
  });
}

/** @throws CONTENT_ENCODING_UNSUPPORTED */
function isCompressed({ headers }: FastifyRequest): boolean {
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === 'gzip' || encoding === 'x-gzip') return true;
  if (encoding === '' || encoding === 'identity') return false;
  throw appError('CONTENT_ENCODING_UNSUPPORTED');
}

/** Inflates until `maxBytes` came out, and not a block more. Never destroys `source`: the answer needs its socket. */
function inflate(source: Readable, maxBytes: number): Readable {
  const gunzip = createGunzip();
  let bytes = 0;
  const limited = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes > maxBytes) done(appError('REQUEST_TOO_LARGE', { maxBytes }));
      else done(null, chunk);
    },
  });
  // fastify holds this against content-length
  Object.defineProperty(limited, 'receivedEncodedLength', { get: () => gunzip.bytesWritten });
  limited.on('error', () => {}); // a request may be refused before anybody reads it: then its failure is nobody's
  gunzip.on('error', (cause) => limited.destroy(appError('GZIP_INVALID', {}, { cause })));
  source.on('error', (cause) => limited.destroy(cause));
  source.on('close', () => {
    if (!source.readableEnded) limited.destroy(appError('REQUEST_REFUSED', { reason: 'aborted' }));
  });
  limited.on('close', () => {
    source.unpipe(gunzip);
    gunzip.destroy();
  });
  source.pipe(gunzip).pipe(limited);
  return limited;
}

function limitTime(request: FastifyRequest, stream: Readable, seconds: number): void {
  const timer = setTimeout(() => {
    // not destroy(): that would take the socket with it, and the answer could not be sent
    if (stream.listenerCount('error') > 0) stream.emit('error', appError('REQUEST_TOO_SLOW', { seconds }));
  }, seconds * 1000);
  const stop = (): void => clearTimeout(timer);
  stream.once('end', stop);
  request.raw.once('close', stop);
}

/**
 * The chunks of an upload.
 * @throws REQUEST_TOO_SLOW when it falls `bodySeconds` behind the slowest rate, REQUEST_TOO_LARGE
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

/** @throws REQUEST_TOO_SLOW when `ms` pass first; `seconds` is what the client is told. */
export async function withinMs<T>(promise: Promise<T>, ms: number, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(appError('REQUEST_TOO_SLOW', { seconds })), Math.max(0, ms));
  });
  promise.catch(() => {}); // when time is up first, its failure is nobody's
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
