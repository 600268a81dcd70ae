// profile/summary.json in the folder of a run: where the time of a training went.
import { z } from 'zod';
import type { RecordType } from './record.ts';

const share = z.number().min(0);

export const profileSummarySchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [run id]. */
  parents: z.array(z.string()),
  kind: z.enum(['simple', 'advanced', 'trace']),
  /** Of the whole process that trained, from reading the configuration to the registered model. */
  seconds: z.number(),
  phases: z.array(z.strictObject({ name: z.string(), count: z.int(), seconds: z.number(), share })),
  /** Share of the places in all batches that hold no token; null for models without padding. */
  padding: z.number().nullable(),
  /** Of the steps that were traced; null without a trace. */
  operators: z
    .strictObject({
      /** Batches that were measured. */
      runs: z.int(),
      kinds: z.array(z.strictObject({ kind: z.string(), seconds: z.number(), share })),
      top: z.array(z.strictObject({ operator: z.string(), count: z.int(), seconds: z.number(), share })),
    })
    .nullable(),
  /** By their own time, most first; empty without a profile by function. */
  functions: z.array(
    z.strictObject({ name: z.string(), place: z.string(), thread: z.string(), seconds: z.number() }),
  ),
  /** What limits the training most, among what one can change. */
  advice: z.enum([
    'data',
    'padding',
    'evaluation',
    'checkpoint',
    'preparation',
    'ending',
    'update',
    'element-wise',
    'compute',
  ]),
});
export type ProfileSummary = z.infer<typeof profileSummarySchema>;

export const profileSummaryRecord: RecordType<ProfileSummary> = {
  name: 'profile summary',
  schemaVersion: 1,
  schema: profileSummarySchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['run-20260101-000000-abcd'],
    kind: 'simple',
    seconds: 10,
    phases: [{ name: 'forward and backward', count: 100, seconds: 8, share: 0.8 }],
    padding: 0.1,
    operators: null,
    functions: [],
    advice: 'compute',
  },
};
