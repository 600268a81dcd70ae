// What a log may say of a failure.
import { errorCodeOf, isAppError } from '../../foundation/core/index.ts';

export interface FailureFacts {
  readonly code: string;
  readonly problem: string;
}

/** Our own errors name files and figures, never an article; what others say is left out but for its kind. */
export function buildFailureFacts(error: unknown): FailureFacts {
  if (isAppError(error)) return { code: error.code, problem: error.message };
  const kind = error instanceof Error ? error.name : 'unknown';
  return { code: 'INTERNAL_BUG', problem: [kind, errorCodeOf(error)].join(' ').trim() };
}
