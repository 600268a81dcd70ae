// The error of a request that the server refused or whose response could not be read.
import type { Problem } from './types.ts';

export class VeracityRequestError extends Error {
  override readonly name = 'VeracityRequestError';
  /** HTTP status. */
  readonly status: number;
  /** The server's code, such as RATE_LIMITED; UNEXPECTED_ANSWER if the response is not from this server. */
  readonly code: string;
  /** The whole problem document, if there is one. */
  readonly problem: Problem | undefined;
  /** Seconds to wait before the next attempt, if the server says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Problem | undefined, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.code = problem?.code ?? /^([A-Z_]+): /.exec(message)?.[1] ?? 'UNEXPECTED_ANSWER';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Reads the error from a response whose status is not 2xx. */
export async function readRequestError(response: Response): Promise<VeracityRequestError> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === 'object' && body !== null) {
    if ('code' in body && 'detail' in body) {
      const problem = body as Problem;
      return new VeracityRequestError(response.status, problem, problem.detail, retryAfter);
    }
    // Errors of the Open Inference Protocol read "CODE: what happened; what to do".
    if ('error' in body && typeof body.error === 'string')
      return new VeracityRequestError(response.status, undefined, body.error, retryAfter);
  }
  return new VeracityRequestError(
    response.status,
    undefined,
    `unexpected answer ${response.status}`,
    retryAfter,
  );
}
