// A registered model version: immutable, numbered, with the digest of every file; and the events that move stages.
import { z } from 'zod';
import { evaluationReportSchema } from './evaluation.ts';
import { gateResultSchema } from './gate-result.ts';
import type { RecordType } from './record.ts';

export const modelNamePattern = /^[a-z0-9][a-z0-9-]*$/;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const modelVersionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [run id, dataset version]. */
  parents: z.array(z.string()),
  name: z.string().regex(modelNamePattern),
  version: z.int().min(1),
  /** sha256 over the canonical JSON of everything else in this record, so that edited figures are noticed too. */
  digest: sha256,
  /** Every file of the folder but version.json itself; paths with "/" on every system. */
  files: z.array(z.strictObject({ path: z.string(), sha256, sizeBytes: z.int() })),
  /** In-source test split first, then other collections. */
  evaluations: z.array(evaluationReportSchema),
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

export const stageNames = ['staging', 'production'] as const;
export type StageName = (typeof stageNames)[number];

export const stageEventSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  model: z.string(),
  stage: z.enum(stageNames),
  /** null empties the stage. */
  version: z.int().min(1).nullable(),
  /** Why the stage changed. */
  action: z.enum(['promote', 'rollback']),
  forced: z.boolean(),
  /** One line for people. */
  note: z.string(),
  /** What the person gave as the reason; absent: none. */
  reason: z.string().optional(),
  /** The result of the gate; absent if it compared nothing, and in events of earlier versions. */
  gate: gateResultSchema.optional(),
});
export type StageEvent = z.infer<typeof stageEventSchema>;

/** A version that was deleted: its number is not given again, and its receipts can still be explained. */
export const deletedVersionSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  name: z.string().regex(modelNamePattern),
  version: z.int().min(1),
  /** [run id, dataset version]; empty if its record could not be read. */
  parents: z.array(z.string()),
  /** Of the record; null if it could not be read. */
  digest: sha256.nullable(),
});
export type DeletedVersion = z.infer<typeof deletedVersionSchema>;

export const deletedVersionRecord: RecordType<DeletedVersion> = {
  name: 'deleted version',
  schemaVersion: 1,
  schema: deletedVersionSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    name: 'compact',
    version: 1,
    parents: ['run-20260101-000000-abcd', 'ds-0123456789ab'],
    digest: '0'.repeat(64),
  },
};

export const modelVersionRecord: RecordType<ModelVersion> = {
  name: 'model version',
  schemaVersion: 1,
  schema: modelVersionSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd', 'ds-0123456789ab'],
    name: 'compact',
    version: 1,
    digest: '0'.repeat(64),
    files: [{ path: 'config.json', sha256: '0'.repeat(64), sizeBytes: 2 }],
    evaluations: [],
  },
};

export const stageEventRecord: RecordType<StageEvent> = {
  name: 'stage event',
  schemaVersion: 1,
  schema: stageEventSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    model: 'compact',
    stage: 'production',
    version: 1,
    action: 'promote',
    forced: false,
    note: '',
  },
};
