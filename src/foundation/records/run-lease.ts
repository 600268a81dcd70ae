// The lease of a run: which process may write it, and until when. Its holder renews it while it works.
import { z } from 'zod';
import type { RecordType } from './record.ts';

export const runLeaseSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** When the lease was taken. */
  createdAt: z.string(),
  /** [run id]. */
  parents: z.array(z.string()),
  /** Random, one for each time that a lease is taken. */
  owner: z.string(),
  /** Machine and process of the holder, for people. */
  host: z.string(),
  process: z.int(),
  /** Where the process number is unique (machine, boot, namespace): a reader elsewhere cannot look the number up. */
  processSpace: z.string(),
  expiresAt: z.string(),
  /** When the holder gave it back; null while it is held. */
  releasedAt: z.string().nullable(),
});
export type RunLease = z.infer<typeof runLeaseSchema>;

export const runLeaseRecord: RecordType<RunLease> = {
  name: 'run lease',
  schemaVersion: 1,
  schema: runLeaseSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd'],
    owner: '0123456789abcdef01234567',
    host: 'trainer-1',
    process: 4711,
    processSpace: 'trainer-1',
    expiresAt: '2026-01-01T00:00:30.000Z',
    releasedAt: null,
  },
};
