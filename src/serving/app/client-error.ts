// Responses to bytes that Node's HTTP parser refuses before there is a request: no HTTP at all, a method that it does not know,
// headers too long, or headers that take too long.
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type AppError, appError } from '../../foundation/core/index.ts';
import { createErrorBody, formatAllow, TITLES } from '../http/index.ts';
import type { ServeLimits } from '../routes/index.ts';

interface ParserError {
  readonly code?: string;
  /** What the parser had read, as Buffer. */
  readonly rawPacket?: unknown;
}

interface KnownRoutes {
  readonly limits: ServeLimits;
  readonly listMethods: (url: string) => readonly string[];
}

/** @returns the error that was sent; undefined when the connection is closed already */
export function refuseConnection(
  error: ParserError,
  socket: Duplex,
  { limits, listMethods }: KnownRoutes,
): AppError | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable) return undefined;
  const line =
    error.code === 'HPE_INVALID_METHOD' ? readRequestLine(error.rawPacket, listMethods) : undefined;
  const refused = line?.error ?? asAppError(error.code, limits);
  send(socket, refused, line?.url ?? '/');
  return refused;
}

/** CONNECT asks for a tunnel; without an answer Node closes the connection. */
export function refuseTunnel(socket: Duplex): void {
  socket.on('error', () => {}); // the client may be gone
  send(socket, createMethodError(['GET', 'POST'], 'CONNECT'), '/');
}

/** @param methods  those of the path */
export function createMethodError(methods: readonly string[], method: string): AppError {
  const allowed = methods.filter((one) => one !== 'HEAD').join(' or ');
  return appError('METHOD_NOT_ALLOWED', { allowed, method, allow: formatAllow(methods) });
}

/** A method that Node does not know ("FROB /v1/model HTTP/1.1") is wrong at a path, as any other wrong method is. */
function readRequestLine(
  packet: unknown,
  listMethods: KnownRoutes['listMethods'],
): { error: AppError; url: string } | undefined {
  const [, url] =
    /^[\w!#$%&'*+.^`|~-]{1,40} (\/\S*) HTTP\/1\.[01]\r?\n/.exec(
      Buffer.isBuffer(packet) ? packet.toString('latin1', 0, 20_000) : '',
    ) ?? [];
  if (url === undefined) return undefined;
  const methods = listMethods(url);
  const error = methods.length > 0 ? createMethodError(methods, 'another') : appError('ROUTE_NOT_FOUND');
  return { error, url };
}

function send(socket: Duplex, error: AppError, url: string): void {
  const id = randomUUID();
  const { mediaType, body } = createErrorBody(error, { id, url });
  const allow = error.code === 'METHOD_NOT_ALLOWED' ? [`allow: ${String(error.details.allow)}`] : [];
  socket.end(
    [
      `HTTP/1.1 ${error.httpStatus} ${TITLES[error.httpStatus] ?? 'Refused'}`,
      `content-type: ${mediaType}`,
      `content-length: ${body.length}`,
      ...allow,
      `x-request-id: ${id}`,
      'x-content-type-options: nosniff',
      'connection: close',
      '',
      body.toString(),
    ].join('\r\n'),
  );
}

function asAppError(code: string | undefined, limits: ServeLimits): AppError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return appError('REQUEST_HEADERS_TOO_LARGE', { maxBytes: limits.maxHeaderBytes });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return appError('REQUEST_TOO_SLOW', { seconds: limits.headerSeconds });
  return appError('REQUEST_REFUSED', { reason: code ?? 'no HTTP' });
}
