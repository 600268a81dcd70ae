// A request that was refused, or got no answer that could be read.
import type { Problem } from './types.ts';

export class VeracityRequestError extends Error {
  override readonly name = 'VeracityRequestError';
  /** HTTP status. */
  readonly status: number;
  /** The server's code, such as RATE_LIMITED; UNEXPECTED_ANSWER where something else answered. */
  readonly code: string;
  /** The whole problem document, where there is one. */
  readonly problem: Problem | undefined;
  /** When to ask again, where the server says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Problem | undefined, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.problem = problem;
    this.code = problem?.code ?? /^([A-Z_]+): /.exec(message)?.[1] ?? 'UNEXPECTED_ANSWER';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What a response other than 2xx says. */
export async function readRequestError(response: Response): Promise<VeracityRequestError> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === 'object' && body !== null) {
    if ('code' in body && 'detail' in body) {
      const problem = body as Problem;
      return new VeracityRequestError(response.status, problem, problem.detail, retryAfter);
    }
    // the form of the Open Inference Protocol: "CODE: what happened; what to do"
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
