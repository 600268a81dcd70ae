// The messages between a worker channel and its worker, and how an error crosses the border between threads: errors of
// the catalogue keep code and details, everything else becomes ENGINE_FAILED.
import { appError, type ErrorCode, type ErrorDetails, isAppError } from '../core/index.ts';

export interface WorkerRequest {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

export type WorkerReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: SentError };

/** An error in a form that the structured clone keeps. */
export interface SentError {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly stack: string;
}

/** @param method  named in the details of an error that is not in the catalogue */
export function packError(error: unknown, method: string): SentError {
  const known = isAppError(error)
    ? error
    : appError('ENGINE_FAILED', { stage: method, problem: String(error) }, { cause: error });
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return { code: known.code, details: known.details, stack };
}

/** The error on the caller's side; its cause carries the worker's stack. */
export function unpackError({ code, details, stack }: SentError): Error {
  const cause = new Error('in a worker thread');
  cause.stack = stack;
  return appError(code, details, { cause });
}
