// Ids of answers: time first, so that the log can be searched by halving it; then 80 bits of the system's randomness, so
// that nobody can guess the id of somebody else's answer.
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

/** Milliseconds since 1970 at which the id was given. */
export function readIdTime(id: string): number {
  return Number.parseInt(id.slice(0, TIME_DIGITS), 36);
}
