// Ids that say when something was created, such as run-20260101-120000-abcd and sweep-20260101-120000-abcd.
import { randomBytes } from 'node:crypto';

/** KIND-YYYYMMDD-HHMMSS-xxxx; the random last part tells apart what was created in one second. */
export function createDatedId(kind: string, createdAt: string): string {
  const [date = '', time = ''] = createdAt.slice(0, 19).split('T');
  const random = randomBytes(4).readUInt32BE().toString(36).padStart(4, '0').slice(-4);
  return `${kind}-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${random}`;
}

/** True for a text in the form of an id of that kind. */
export function isDatedId(kind: string, text: string): boolean {
  return text.startsWith(`${kind}-`) && /^\d{8}-\d{6}-[0-9a-z]{4}$/.test(text.slice(kind.length + 1));
}
