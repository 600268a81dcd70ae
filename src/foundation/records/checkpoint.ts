// checkpoint.json: the position of a training run, beside state.safetensors (weights and optimizer state). Both together allow
// a bit-identical continuation; the order of articles follows from (seed, epoch).
import { z } from 'zod';
import type { RecordType } from './record.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const checkpointSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [run id]. */
  parents: z.array(z.string()),
  /** Optimizer steps done. */
  step: z.int().min(0),
  /** Epoch of the next batch, from 0. */
  epoch: z.int().min(0),
  /** Batches of that epoch already learned from. */
  batchInEpoch: z.int().min(0),
  /** `stop`: written only because the run was asked to stop; without that it would not have this checkpoint. */
  cause: z.enum(['scheduled', 'stop']),
  /** False if the evaluation due at this step was interrupted: a resumed run begins with it. */
  evaluated: z.boolean(),
  /** Best evaluations so far by calibrated validation loss, best first, at most keep_best of them. */
  best: z.array(z.strictObject({ step: z.int(), loss: z.number() })),
  /** Evaluations since the last better one. */
  evaluationsWithoutBetter: z.int().min(0),
  seed: z.int(),
  /** Hash of the configuration, data and tokenizer: training with another hash cannot continue from here. */
  configDigest: sha256,
  state: z.strictObject({ sha256, sizeBytes: z.int().min(0) }),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export const checkpointRecord: RecordType<Checkpoint> = {
  name: 'checkpoint',
  schemaVersion: 1,
  schema: checkpointSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd'],
    step: 120,
    epoch: 2,
    batchInEpoch: 20,
    cause: 'scheduled',
    evaluated: true,
    best: [{ step: 100, loss: 0.21 }],
    evaluationsWithoutBetter: 0,
    seed: 42,
    configDigest: '0'.repeat(64),
    state: { sha256: '0'.repeat(64), sizeBytes: 1024 },
  },
};
