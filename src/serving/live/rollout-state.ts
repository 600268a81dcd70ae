// The changes of a running server's versions as operators see them: part of GET /model/ and GET /v1/model.
import { z } from 'zod';

const at = z.string().meta({ description: 'Time of this, ISO 8601 in UTC.' });
const code = z
  .string()
  .nullable()
  .meta({ description: 'Error code; null if nothing failed. The log has the details.' });

export const rolloutStateSchema = z
  .object({
    change: z
      .object({ version: z.string(), outcome: z.enum(['loading', 'switched', 'failed']), at, code })
      .nullable()
      .meta({
        description: 'The last version that the server tried to switch to; null: none since the start.',
      }),
    canary: z
      .object({
        version: z.string(),
        state: z.enum(['loading', 'running', 'returned', 'failed']),
        share: z.number(),
        at,
        reason: z.enum(['errors', 'latency']).nullable().meta({ description: 'Why it was withdrawn.' }),
        code,
      })
      .nullable()
      .meta({ description: 'The canary: the version that predicts for a share of the clients.' }),
    shadow: z
      .object({
        version: z.string(),
        state: z.enum(['loading', 'running', 'failed']),
        at,
        compared: z.int(),
        disagreed: z.int(),
        code,
      })
      .nullable()
      .meta({
        description: 'The shadow: a version that predicts too, but whose predictions are not returned.',
      }),
  })
  .meta({ id: 'Rollout' });
export type RolloutState = z.infer<typeof rolloutStateSchema>;

export const restingRollout: RolloutState = { change: null, canary: null, shadow: null };
