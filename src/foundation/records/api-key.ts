// An API key as it lies on disk: never the secret, only its hash. Created and revoked by appended events (keys.jsonl).
import { z } from 'zod';
import type { RecordType } from './record.ts';

/** What a key may be used for. No scope includes another. */
export const apiScopes = ['predict', 'feedback', 'admin'] as const;
export type ApiScope = (typeof apiScopes)[number];

const keyId = z.string().regex(/^[0-9a-f]{8}$/);

export const apiKeyEventSchema = z.discriminatedUnion('event', [
  z.strictObject({
    schemaVersion: z.literal(1),
    createdAt: z.string(),
    event: z.literal('created'),
    /** Part of the key itself, so that a key found in a file can be identified. */
    id: keyId,
    /** A name for people. */
    name: z.string().min(1).max(100),
    scopes: z.array(z.enum(apiScopes)).min(1),
    /** sha256 of the secret: 256 random bits need no slow hash. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  z.strictObject({
    schemaVersion: z.literal(1),
    createdAt: z.string(),
    event: z.literal('revoked'),
    id: keyId,
  }),
]);
export type ApiKeyEvent = z.infer<typeof apiKeyEventSchema>;

export const apiKeyEventRecord: RecordType<ApiKeyEvent> = {
  name: 'API key event',
  schemaVersion: 1,
  schema: apiKeyEventSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    event: 'created',
    id: '0123abcd',
    name: 'newsroom',
    scopes: ['predict'],
    sha256: '0'.repeat(64),
  },
};
