// A training run: an immutable head (what was asked for) and appended events (what happened), in one folder.
// runs/<id>/run.json, config.yaml, events.jsonl, measurements.jsonl, annotations.jsonl, lease-<n>.json, checkpoints/, model/, evaluation.json
import { z } from 'zod';
import { metricsSchema } from './evaluation.ts';
import { acceptedLeaksSchema } from './leak-check.ts';
import { pretrainedOriginSchema } from './pretrained-origin.ts';
import type { RecordType } from './record.ts';
import { runCodeSchema, runEnvironmentSchema, runMachineSchema, runPlaceSchema } from './run-provenance.ts';

export const runSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** run-YYYYMMDD-HHMMSS-xxxx, in UTC. */
  id: z.string().regex(/^run-\d{8}-\d{6}-[0-9a-z]{4}$/),
  createdAt: z.string(),
  /** [dataset version], and behind it the pretrained weights, where there are any. */
  parents: z.array(z.string()),
  /** The run that this one trains again (`runs reproduce`); then nothing is registered. Absent: none. */
  reproduces: z.string().optional(),
  model: z.string(),
  datasetVersion: z.string(),
  /** Leaks of the data that were accepted, and why; absent: none. */
  acceptedLeaks: acceptedLeaksSchema.optional(),
  /** Absent for models trained from scratch. */
  pretrained: pretrainedOriginSchema.optional(),
  /** Name and hash of the teacher's model; absent: there is none, or the run is of an early version. */
  teacher: z.strictObject({ reference: z.string(), sha256: z.string() }).optional(),
  /** Hash of the vocabulary and the settings by which articles become ids; absent from runs of early versions. */
  encoderDigest: z.string().optional(),
  /** Resolved configuration. */
  config: z.record(z.string(), z.unknown()),
  /** Where each value of the configuration was set, by dotted path; absent from runs of early versions. */
  origins: z.record(z.string(), z.string()).optional(),
  /** The arguments of the program, secrets masked; absent from runs of early versions. */
  command: z.array(z.string()).optional(),
  /** Git commit of the working directory; null where it is not a checkout. */
  commit: z.string().nullable(),
  /** Where the steps ran; absent from runs of early versions, which ran on the processor. */
  device: z.string().optional(),
  /** Threads of the steps; the last bits of some models depend on it; absent from runs of early versions. */
  threads: z.int().min(1).optional(),
  versions: z.strictObject({ veracity: z.string(), node: z.string(), onnxruntime: z.string() }),
  /** These three are absent from runs of early versions. */
  code: runCodeSchema.optional(),
  environment: runEnvironmentSchema.optional(),
  machine: runMachineSchema.optional(),
});
export type Run = z.infer<typeof runSchema>;

const stamp = { schemaVersion: z.literal(1), createdAt: z.string() };
const splitMetrics = z.strictObject({ validation: metricsSchema, test: metricsSchema });

/** The events that are appended to events.jsonl, in order. */
export const runEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...stamp,
    type: z.literal('started'),
    process: z.int(),
    resumedAtStep: z.int(),
    /** Groups and keys of the configuration that a resume has replaced; absent: none. */
    changed: z.record(z.string(), z.unknown()).optional(),
    /** Absent from runs of early versions. */
    place: runPlaceSchema.optional(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal('step'),
    step: z.int(),
    epoch: z.number(),
    loss: z.number(),
    learningRate: z.number(),
    gradientNorm: z.number().nullable(),
    articles: z.int(),
    tokens: z.int(),
    stepMs: z.number(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal('eval'),
    step: z.int(),
    epoch: z.number(),
    metrics: metricsSchema,
    calibratedLoss: z.number(),
    best: z.boolean(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal('checkpoint'),
    step: z.int(),
    path: z.string(),
    sizeBytes: z.int(),
  }),
  z.strictObject({
    ...stamp,
    type: z.literal('finished'),
    steps: z.int(),
    seconds: z.number(),
    modelVersion: z.string().nullable(),
    metrics: splitMetrics,
    /** Peak memory of training, in bytes; absent from runs of early versions. */
    peakMemoryBytes: z.int().optional(),
  }),
  z.strictObject({ ...stamp, type: z.literal('stopped'), step: z.int(), reason: z.string() }),
  z.strictObject({
    ...stamp,
    type: z.literal('failed'),
    step: z.int(),
    code: z.string(),
    message: z.string(),
  }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;

/** A line of events.jsonl: an event, or the mark of a resume, which hides the events after its step. */
const runLogLineSchema = z.union([
  z.strictObject({ ...stamp, type: z.literal('rewound'), step: z.int().min(0) }),
  runEventSchema,
]);
export type RunLogLine = z.infer<typeof runLogLineSchema>;

export type RunStatus = 'running' | 'finished' | 'stopped' | 'failed' | 'interrupted';

export const runRecord: RecordType<Run> = {
  name: 'run',
  schemaVersion: 1,
  schema: runSchema,
  example: {
    schemaVersion: 1,
    id: 'run-20260101-000000-abcd',
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['ds-0123456789ab'],
    model: 'compact',
    datasetVersion: 'ds-0123456789ab',
    config: { seed: 42 },
    commit: null,
    versions: { veracity: '0.1.0', node: '20.20.2', onnxruntime: '1.30.0' },
  },
};

export const runEventRecord: RecordType<RunEvent> = {
  name: 'run event',
  schemaVersion: 1,
  schema: runEventSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    type: 'stopped',
    step: 10,
    reason: 'SIGINT',
  },
};

export const runLogLineRecord: RecordType<RunLogLine> = {
  ...runEventRecord,
  schema: runLogLineSchema,
  example: { schemaVersion: 1, createdAt: '2026-01-01T00:00:00.000Z', type: 'rewound', step: 10 },
};
