// What is said about a run beside its events, as lines of annotations.jsonl: tags, a note, artifacts, requests to stop.
import { z } from 'zod';
import type { RecordType } from './record.ts';

const stamp = { schemaVersion: z.literal(1), createdAt: z.string() };

const artifactKinds = ['model', 'checkpoint', 'report', 'dataset', 'profile', 'file'] as const;

const artifactSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(artifactKinds),
  /** Of a file: SHA-256 of its bytes. Of a folder: of the sorted list of its files and their digests. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  sizeBytes: z.int().min(0),
  /** Relative to the folder of the run, or an address. */
  path: z.string().min(1),
});
export type Artifact = z.infer<typeof artifactSchema>;

export const runAnnotationSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...stamp,
    type: z.literal('tags'),
    add: z.array(z.string()),
    remove: z.array(z.string()),
  }),
  z.strictObject({ ...stamp, type: z.literal('note'), text: z.string().nullable() }),
  z.strictObject({ ...stamp, type: z.literal('artifact'), artifact: artifactSchema }),
  z.strictObject({ ...stamp, type: z.literal('stop-requested') }),
  /** A process has taken the run over: earlier requests to stop do not concern it. */
  z.strictObject({ ...stamp, type: z.literal('claimed') }),
]);
export type RunAnnotation = z.infer<typeof runAnnotationSchema>;

export const runAnnotationRecord: RecordType<RunAnnotation> = {
  name: 'run annotation',
  schemaVersion: 1,
  schema: runAnnotationSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    type: 'tags',
    add: ['baseline'],
    remove: [],
  },
};
