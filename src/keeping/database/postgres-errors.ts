// Failures of PostgreSQL as errors of the catalogue. Messages of the server may quote values, so only those about the
// connection are passed on.
import { appError, errorCodeOf, isAppError } from '../../foundation/core/index.ts';

/** Codes of PostgreSQL, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const REFUSALS: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'this user may not connect',
  '3D000': 'there is no such database',
  '42501': 'this user lacks the right to do it',
  '53300': 'the server has too many connections',
};
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ENOENT: 'there is no such socket',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  '57P01': 'the server is shutting down',
  '57P02': 'the server has crashed',
  '57P03': 'the server is starting up or shutting down',
  '08006': 'the connection broke',
  '08003': 'the connection broke',
  '25P03': 'the connection was idle for too long',
};
const DISK_FULL = '53100';
const TOO_MANY_CONNECTIONS = '53300';
/** Serialization failure, deadlock. */
const CONFLICTS = ['40001', '40P01'];

export function asPostgresError(error: unknown, place: string): unknown {
  if (isAppError(error)) return error;
  const code = codeOf(error);
  const refusal = REFUSALS[code];
  if (refusal !== undefined)
    return appError('DATABASE_REFUSED', { place, reason: refusal }, { cause: error });
  const problem = error instanceof Error ? error.message : '';
  const reason =
    UNREACHABLE[code] ??
    (/timeout/i.test(problem)
      ? 'it did not answer in time'
      : /terminated|not queryable|Connection ended/i.test(problem)
        ? 'the connection broke'
        : undefined);
  if (reason !== undefined) return appError('DATABASE_UNREACHABLE', { place, reason }, { cause: error });
  if (code === DISK_FULL) return appError('DISK_FULL', { path: place }, { cause: error });
  if (/SSL|certificate|self.signed/i.test(problem))
    return appError(
      'DATABASE_REFUSED',
      { place, reason: `no agreement on encryption: ${problem}` },
      { cause: error },
    );
  return appError('DATABASE_FAILED', { path: place, problem: `code ${code || 'unknown'}` }, { cause: error });
}

/** Whether the server did not answer: it may after a moment. */
export function isPassing(error: unknown): boolean {
  return isAppError(error) && error.code === 'DATABASE_UNREACHABLE';
}

/** Whether all connections of the server are taken. */
export function isCrowded(error: unknown): boolean {
  return codeOf(error) === TOO_MANY_CONNECTIONS;
}

/** Whether the server gave up this transaction for the sake of another. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.includes(codeOf(isAppError(error) ? error.cause : error));
}

/** An attempt at several addresses of a host fails with all their errors at once. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && errorCodeOf(error) === undefined)
    return errorCodeOf(error.errors[0]) ?? '';
  return errorCodeOf(error) ?? '';
}
