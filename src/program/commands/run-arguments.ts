// Reads values of options about runs.
import { appError } from '../../foundation/core/index.ts';

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
