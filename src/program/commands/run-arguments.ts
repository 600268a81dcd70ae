// Reads arguments that name runs.
import { appError } from '../../foundation/core/index.ts';

/** True for a text in the form of a run id. */
export function isRunId(text: string): boolean {
  return /^run-\d{8}-\d{6}-[0-9a-z]{4}$/.test(text);
}

/** The value of an option that has to be a whole number above zero; null if it was not given. @throws USAGE */
export function readCount(where: string, value: unknown): number | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && /^[1-9]\d*$/.test(value)) return Number(value);
  throw appError('USAGE', {
    where,
    problem: `expected a whole number above zero, got ${String(value)}`,
    hint: 'For example 20.',
  });
}
