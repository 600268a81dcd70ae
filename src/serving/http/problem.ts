// Errors as RFC 9457 problem documents with our code. An error of another library is translated by its code, and its
// message is dropped: a JSON parser's message quotes the body, which is a client's article.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AppError, appError, type Issue, isAppError } from '../../foundation/core/index.ts';
import { ACCEPTED_ENCODINGS } from './body-stream.ts';
import { formatJson } from './json-format.ts';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string(),
    requestId: z.string(),
    issues: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });
export type ProblemDocument = z.infer<typeof problemSchema>;

/** The form of errors in the Open Inference Protocol. */
export const inferenceErrorSchema = z
  .object({ error: z.string() })
  .meta({ id: 'InferenceError', description: 'Error of the Open Inference Protocol' });

export const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Key required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request too slow',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  429: 'Too many requests',
  431: 'Headers too large',
  499: 'Client gone',
  500: 'Internal error',
  503: 'Service unavailable',
  507: 'Insufficient storage',
};

/** `at name (file:line:column)` or `at file:line:column`. */
const STACK_FRAME = /^\s+at (?:[^()]+ \()?(?:file:|node:|\/|[A-Za-z]:\\)\S*:\d+:\d+\)?$/;

/** Any failure of a request as one of our errors; the original stays as `cause`. */
export function asRequestError(error: unknown, limits: { maxBodyBytes: number }): AppError {
  if (isAppError(error)) return error;
  const { code, statusCode } = readFrameworkError(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return appError('REQUEST_TOO_LARGE', { maxBytes: limits.maxBodyBytes }, { cause: error });
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return appError('MEDIA_TYPE_UNSUPPORTED', { got: 'another' }, { cause: error });
  if (statusCode >= 400 && statusCode < 500) {
    return appError('REQUEST_REFUSED', { reason: code === '' ? statusCode : code }, { cause: error });
  }
  return appError('INTERNAL_BUG', { what: 'a request failed unexpectedly' }, { cause: error });
}

/** The document for one error. For an internal error it says no more than the request id. */
export function createProblem(error: AppError, requestId: string): ProblemDocument {
  const status = error.httpStatus;
  const internal = error.code === 'INTERNAL_BUG';
  return {
    type: `urn:veracity:error:${error.code}`,
    title: TITLES[status] ?? 'Request failed',
    status,
    detail: internal ? 'The server made a mistake with this request.' : error.message,
    code: error.code,
    hint: internal ? 'Report it with the request id; the server log holds the rest.' : error.hint,
    requestId,
    ...(error.issues.length > 0 ? { issues: error.issues.map((issue) => ({ ...issue })) } : {}),
  };
}

/** The shape and media type of errors at a path: below /v2 those of the Open Inference Protocol. */
export function errorFormOf(path: string): { mediaType: string; schema: z.ZodType } {
  return /^\/v2(?:[/?]|$)/.test(path)
    ? { mediaType: 'application/json', schema: inferenceErrorSchema }
    : { mediaType: 'application/problem+json', schema: problemSchema };
}

/** Sends the error in the form of the request's path. */
export function sendProblem(reply: FastifyReply, error: AppError, request: FastifyRequest): FastifyReply {
  if (error.code === 'SERVER_BUSY') reply.header('retry-after', '1');
  if (error.code === 'QUEUE_FULL') reply.header('retry-after', String(error.details.retryAfterSeconds ?? 1));
  if (error.code === 'KEY_REQUIRED') reply.header('www-authenticate', 'Bearer');
  if (error.code === 'CONTENT_ENCODING_UNSUPPORTED') reply.header('accept-encoding', ACCEPTED_ENCODINGS); // RFC 9110, 15.5.16
  if (error.code === 'METHOD_NOT_ALLOWED') reply.header('allow', String(error.details.allow));
  const { mediaType, body } = createErrorBody(error, request);
  return reply.code(error.httpStatus).type(mediaType).send(body);
}

/** The error in the form of a path, as bytes: to text the framework would add a charset, which KServe's client does not expect. */
export function createErrorBody(
  error: AppError,
  request: { readonly id: string; readonly url: string },
): { mediaType: string; body: Buffer } {
  const problem = createProblem(error, request.id);
  const { mediaType, schema } = errorFormOf(request.url);
  const value = schema === problemSchema ? problem : { error: formatInferenceError(problem) };
  return { mediaType, body: Buffer.from(formatJson(value)) };
}

/** All of a problem in one line, for clients that read only `error`. */
function formatInferenceError({ code, detail, hint, issues = [], requestId }: ProblemDocument): string {
  const found = issues.slice(0, 3).map(({ path, message }) => `${path}: ${message}`);
  return [`${code}: ${detail}`, ...found, hint, `request ${requestId}`].join('; ');
}

/** The error for a body of a wrong shape; the body's values and unknown names are never repeated. */
export function createBodyError(error: z.ZodError, expected: string): AppError {
  const issues = error.issues.map(
    (issue): Issue => ({
      path: issue.path.map(String).join('.'),
      code: issue.code,
      message: issue.code === 'unrecognized_keys' ? `${issue.keys.length} unknown field(s)` : issue.message,
    }),
  );
  return appError('REQUEST_INVALID', { expected }, { issues });
}

/**
 * The parts of an internal error that may be logged: names and codes of its causes, and the stack frames of the innermost
 * one. Messages are left out, because they may quote an article.
 */
export function buildFailureTrace(error: unknown): { causes: string[]; frames: string[] } {
  const causes: string[] = [];
  let innermost = error;
  for (let at = error; at instanceof Error; at = at.cause) {
    causes.push(isAppError(at) ? at.code : at.name);
    innermost = at;
  }
  return { causes, frames: listFrames(innermost) };
}

function listFrames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const header = `${error.name}: ${error.message}`;
  const stack = error.stack.startsWith(header) ? error.stack.slice(header.length) : error.stack;
  return stack
    .split('\n')
    .filter((line) => STACK_FRAME.test(line))
    .map((line) => line.trim());
}

function readFrameworkError(error: unknown): { code: string; statusCode: number } {
  if (typeof error !== 'object' || error === null) return { code: '', statusCode: 500 };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const statusCode = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  return { code, statusCode };
}
