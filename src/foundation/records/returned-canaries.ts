// canaries.json: versions that a server tried on some clients and withdrew.
import { z } from 'zod';
import type { RecordType } from './record.ts';

export const returnedCanarySchema = z.strictObject({
  /** NAME@VERSION */
  version: z.string(),
  reason: z.enum(['errors', 'latency']),
  at: z.string(),
  /** Share of the clients that it served. */
  share: z.number(),
  /** How many promotions and rollbacks its model had at that time. */
  changes: z.int(),
});
export type ReturnedCanary = z.infer<typeof returnedCanarySchema>;

const schema = z.strictObject({ schemaVersion: z.literal(1), returned: z.array(returnedCanarySchema) });

export const returnedCanariesRecord: RecordType<z.infer<typeof schema>> = {
  name: 'canaries that were withdrawn',
  schemaVersion: 1,
  schema,
  example: {
    schemaVersion: 1,
    returned: [
      { version: 'compact@2', reason: 'errors', at: '2026-01-01T00:00:00.000Z', share: 0.1, changes: 1 },
    ],
  },
};
