// Ids of predictions: first the time, so that a binary search finds them in the log; then 80 random bits of the system, so
// that nobody can guess the id of another person's prediction.
import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const TIME_DIGITS = 9;
const RANDOM_BYTES = 16;

/** @param nowMs  milliseconds since 1970 */
export function createPredictionId(nowMs: number): string {
  let id = Math.max(0, Math.floor(nowMs)).toString(36).padStart(TIME_DIGITS, '0');
  for (const byte of randomBytes(RANDOM_BYTES)) id += ALPHABET[byte & 31];
  return id;
}

/** Time at which the id was created, in milliseconds since 1970. */
export function readIdTime(id: string): number {
  return Number.parseInt(id.slice(0, TIME_DIGITS), 36);
}
