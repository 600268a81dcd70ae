// What a run measures at one moment, as a line of measurements.jsonl: metrics, a text or a histogram. JSON has no NaN and
// no infinities: they are kept as the strings "NaN", "Infinity" and "-Infinity".
import { z } from 'zod';
import type { RecordType } from './record.ts';

const anyNumberSchema = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

const moment = {
  schemaVersion: z.literal(1),
  /** Which attempt of the run measured it, from 1: each resume begins the next. */
  attempt: z.int().min(1),
  step: z.int().min(0),
  epoch: z.number(),
  /** Articles seen since the start of the run. */
  articles: z.int().min(0),
  /** Milliseconds since 1970. */
  timeMs: z.number(),
};

export const runMeasurementSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...moment, kind: z.literal('metrics'), values: z.record(z.string(), anyNumberSchema) }),
  z.strictObject({ ...moment, kind: z.literal('text'), name: z.string(), text: z.string() }),
  z.strictObject({
    ...moment,
    kind: z.literal('histogram'),
    name: z.string(),
    edges: z.array(z.number()),
    counts: z.array(z.number()),
  }),
]);
export type RunMeasurement = z.infer<typeof runMeasurementSchema>;

export const runMeasurementRecord: RecordType<RunMeasurement> = {
  name: 'run measurement',
  schemaVersion: 1,
  schema: runMeasurementSchema,
  example: {
    schemaVersion: 1,
    attempt: 1,
    step: 10,
    epoch: 0.5,
    articles: 320,
    timeMs: 1_767_225_600_000,
    kind: 'metrics',
    values: { train_loss: 0.25, gradient_norm: 'Infinity' },
  },
};
