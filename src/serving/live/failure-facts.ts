// The facts of a failure that may be logged: never text of an article.
import { errorCodeOf, isAppError } from '../../foundation/core/index.ts';

export interface FailureFacts {
  readonly code: string;
  readonly problem: string;
}

/** Messages of our own errors name files and numbers only; of other errors only the kind is logged. */
export function buildFailureFacts(error: unknown): FailureFacts {
  if (isAppError(error)) return { code: error.code, problem: error.message };
  const kind = error instanceof Error ? error.name : 'unknown';
  return { code: 'INTERNAL_BUG', problem: [kind, errorCodeOf(error)].join(' ').trim() };
}
