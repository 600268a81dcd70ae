// A sweep: several trainings that search for the best settings. Its definition never changes; trials are added to it.
import { z } from 'zod';
import type { RecordType } from './record.ts';

const parameterValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const range = {
  low: z.number(),
  high: z.number(),
  log: z.boolean().exactOptional(),
  step: z.number().exactOptional(),
};
const when = z
  .strictObject({ parameter: z.string(), values: z.array(parameterValue).readonly() })
  .readonly()
  .exactOptional();

/** One searched setting; the same form as a parameter of learning/search. */
const sweepParameterSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('float'), ...range, when }).readonly(),
  z.strictObject({ kind: z.literal('int'), ...range, when }).readonly(),
  z
    .strictObject({ kind: z.literal('categorical'), choices: z.array(parameterValue).readonly(), when })
    .readonly(),
]);

/** When trials that fall behind are stopped early. */
const earlyStoppingSchema = z.strictObject({
  kind: z.enum(['hyperband', 'asha', 'median']),
  /** Evaluations before the first decision. */
  minEvaluations: z.int().min(1),
  /** Each decision keeps about one trial in `eta`. Not used by median. */
  eta: z.number().gt(1),
  /** Most evaluations of a trial, where it is known; null: not. */
  maxEvaluations: z.int().min(1).nullable(),
  /** Brackets of hyperband; null: chosen. */
  brackets: z.int().min(1).nullable(),
});
export type EarlyStopping = z.infer<typeof earlyStoppingSchema>;

export const SWEEP_METHODS = ['grid', 'random', 'gp', 'tpe'] as const;

export const sweepDefinitionSchema = z.strictObject({
  /** The file or the choice that it comes from, such as `predecessor`; `multirun` for --multirun. */
  name: z.string(),
  method: z.enum(SWEEP_METHODS),
  seed: z.int().min(0),
  /** What is compared: the name of a metric of the runs, such as val_loss. */
  metric: z.strictObject({ name: z.string(), goal: z.enum(['minimize', 'maximize']) }),
  /** What is searched, by the name of the setting. */
  space: z.record(z.string(), sweepParameterSchema),
  /** Overrides of choices that are not written as NAME=VALUE: by the parameter's name, then by its value as JSON. */
  spelling: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  earlyStopping: earlyStoppingSchema.nullable(),
  budget: z.strictObject({
    /** Most trials; null: no limit. */
    trials: z.int().min(1).nullable(),
    /** Most minutes; then no trial is started. */
    minutes: z.number().positive().nullable(),
    /** Ends after this many trials in a row without a better value. */
    patience: z.int().min(1).nullable(),
  }),
  /** How many of the best are tried again, and with how many other seeds; 0: none. */
  repeat: z.strictObject({ best: z.int().min(1), seeds: z.int().min(0) }),
  /** Trials at the same time. */
  parallel: z.int().min(1),
  /** Overrides of every trial. */
  overrides: z.array(z.string()),
  /** The data of every trial; null: the trials differ in their data. */
  datasetVersion: z.string().nullable(),
  /** Seconds after which a trial whose process does not answer is given to another. */
  leaseSeconds: z.number().positive(),
  /** Whether the best model is registered at the end. */
  register: z.boolean(),
});
export type SweepDefinition = z.infer<typeof sweepDefinitionSchema>;

export const sweepSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** sweep-YYYYMMDD-HHMMSS-xxxx, in UTC. */
  id: z.string().regex(/^sweep-\d{8}-\d{6}-[0-9a-z]{4}$/),
  createdAt: z.string(),
  /** [dataset version], where all trials have the same. */
  parents: z.array(z.string()),
  definition: sweepDefinitionSchema,
});
export type Sweep = z.infer<typeof sweepSchema>;

/** `interrupted`: its process ended without a last word. */
export type SweepStatus = 'running' | 'finished' | 'stopped' | 'interrupted';

export const TRIAL_STATES = ['proposed', 'running', 'finished', 'stopped', 'failed'] as const;

export const trialSchema = z.strictObject({
  schemaVersion: z.literal(1),
  createdAt: z.string(),
  /** [sweep id]. */
  parents: z.array(z.string()),
  /** From 0, in the order of the proposals. */
  number: z.int().min(0),
  parameters: z.record(z.string(), parameterValue),
  /** The trial whose parameters it tries again with another seed; null: it tries new ones. */
  repeats: z.int().min(0).nullable(),
  /** Its own seed; null: that of the sweep's configuration. */
  seed: z.int().min(0).nullable(),
  /** stopped: early, because it fell behind. */
  state: z.enum(TRIAL_STATES),
  /** The run of the newest attempt. */
  runId: z.string().nullable(),
  /** The metric of the model that the trial ends with; null: none yet. */
  value: z.number().nullable(),
  /** The metric after each evaluation: `step` counts them from 1, `trainStep` is that of the training. */
  reports: z.array(z.strictObject({ step: z.int().min(1), trainStep: z.int().min(0), value: z.number() })),
  /** How often a process began or continued it. */
  attempts: z.int().min(0),
  /** How often its process died. */
  deaths: z.int().min(0),
  failure: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** The machine and process of the newest attempt, for people. */
  worker: z.string().nullable(),
});
export type Trial = z.infer<typeof trialSchema>;

const exampleDefinition: SweepDefinition = {
  name: 'learning-rate',
  method: 'random',
  seed: 0,
  metric: { name: 'val_loss', goal: 'minimize' },
  space: { 'optimizer.lr': { kind: 'float', low: 1e-5, high: 1e-2, log: true } },
  spelling: {},
  earlyStopping: { kind: 'hyperband', minEvaluations: 3, eta: 3, maxEvaluations: null, brackets: null },
  budget: { trials: 10, minutes: null, patience: null },
  repeat: { best: 3, seeds: 0 },
  parallel: 1,
  overrides: ['train.epochs=3'],
  datasetVersion: 'ds-0123456789ab',
  leaseSeconds: 30,
  register: true,
};

export const sweepRecord: RecordType<Sweep> = {
  name: 'sweep',
  schemaVersion: 1,
  schema: sweepSchema,
  example: {
    schemaVersion: 1,
    id: 'sweep-20260101-000000-abcd',
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['ds-0123456789ab'],
    definition: exampleDefinition,
  },
};

export const trialRecord: RecordType<Trial> = {
  name: 'trial',
  schemaVersion: 1,
  schema: trialSchema,
  example: {
    schemaVersion: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    parents: ['sweep-20260101-000000-abcd'],
    number: 0,
    parameters: { 'optimizer.lr': 1e-3 },
    repeats: null,
    seed: null,
    state: 'finished',
    runId: 'run-20260101-000001-abcd',
    value: 0.25,
    reports: [{ step: 1, trainStep: 100, value: 0.25 }],
    attempts: 1,
    deaths: 0,
    failure: null,
    startedAt: '2026-01-01T00:00:01.000Z',
    endedAt: '2026-01-01T00:01:00.000Z',
    worker: 'process 4711',
  },
};
