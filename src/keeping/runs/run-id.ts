// Ids of runs.
import { randomBytes } from 'node:crypto';

export const RUN_ID = /^run-\d{8}-\d{6}-[0-9a-z]{4}$/;

/** run-YYYYMMDD-HHMMSS-xxxx; the random last part tells apart the runs of one second. */
export function newRunId(createdAt: string): string {
  const [date = '', time = ''] = createdAt.slice(0, 19).split('T');
  const random = randomBytes(4).readUInt32BE().toString(36).padStart(4, '0').slice(-4);
  return `run-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${random}`;
}
