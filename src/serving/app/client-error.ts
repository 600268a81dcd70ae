// Responses to bytes that Node's HTTP parser refuses before there is a request: no HTTP at all, headers too long, or
// headers that take too long.
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type AppError, appError } from '../../foundation/core/index.ts';
import { createProblem } from '../http/index.ts';
import type { ServeLimits } from '../routes/index.ts';

/** @returns the error that was sent; undefined when the connection is closed already */
export function refuseConnection(
  error: { readonly code?: string },
  socket: Socket,
  limits: ServeLimits,
): AppError | undefined {
  if (error.code === 'ECONNRESET' || !socket.writable) return undefined;
  const problem = asAppError(error.code, limits);
  const document = createProblem(problem, randomUUID());
  const body = JSON.stringify(document);
  socket.end(
    [
      `HTTP/1.1 ${document.status} ${document.title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  return problem;
}

function asAppError(code: string | undefined, limits: ServeLimits): AppError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return appError('REQUEST_HEADERS_TOO_LARGE', { maxBytes: limits.maxHeaderBytes });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return appError('REQUEST_TOO_SLOW', { seconds: limits.headerSeconds });
  return appError('REQUEST_REFUSED', { reason: code ?? 'no HTTP' });
}
