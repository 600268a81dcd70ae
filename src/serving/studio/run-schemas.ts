// Schemas of what the studio's routes say about runs. test/serve/client.test.ts compares them with the client's types.
import { z } from 'zod';
import { metricsSchema } from '../../foundation/records/index.ts';

/** A number of a metric. JSON has no NaN, so values that are not finite stand as text. */
export const metricValueSchema = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .meta({ id: 'MetricValue', description: 'A number; one that is not finite stands as text.' });

const metricFactsSchema = z
  .object({
    name: z.string(),
    last: metricValueSchema,
    lastStep: z.int(),
    min: metricValueSchema.meta({ description: 'NaN only if all values are.' }),
    max: metricValueSchema,
  })
  .meta({ id: 'MetricFacts' });

export const runStatusSchema = z.enum(['running', 'finished', 'stopped', 'failed', 'interrupted']).meta({
  description: 'interrupted: its process ended without a last word.',
});

export const runFactsSchema = z
  .object({
    id: z.string(),
    createdAt: z.string(),
    status: runStatusSchema,
    model: z.string(),
    datasetVersion: z.string(),
    parents: z.array(z.string()),
    steps: z.int().meta({ description: 'Optimizer steps done.' }),
    best: z
      .object({ step: z.int(), metrics: metricsSchema, calibratedLoss: z.number() })
      .nullable()
      .meta({ description: 'The best evaluation on validation so far.' }),
    test: metricsSchema.nullable().meta({ description: 'On the test split, once finished.' }),
    modelVersion: z.string().nullable().meta({ description: 'The model version that it registered.' }),
    seconds: z.number().nullable(),
    peakMemoryBytes: z.number().nullable(),
    tags: z.array(z.string()),
    note: z.string().nullable(),
    machine: z.string().nullable().meta({ description: 'Host of the process that wrote the run last.' }),
    metrics: z.array(metricFactsSchema),
    config: z.record(z.string(), z.unknown()).meta({
      description: 'The values of the configuration that the request named, by dotted path.',
    }),
  })
  .meta({ id: 'RunFacts' });
export type ServedRun = z.infer<typeof runFactsSchema>;

export const runsFoundSchema = z
  .object({
    runs: z.array(runFactsSchema).meta({ description: 'Newest first.' }),
    total: z.int().meta({ description: 'How many fit the filter.' }),
    damaged: z
      .array(z.object({ id: z.string(), code: z.string(), message: z.string() }))
      .meta({ description: 'Runs whose records cannot be read.' }),
    cursor: z.string().meta({ description: 'For /v1/runs/events: what changes after this list.' }),
  })
  .meta({ id: 'RunsFound' });
export type ServedRuns = z.infer<typeof runsFoundSchema>;

const figuresSchema = z
  .object({
    collection: z.string(),
    outOfSource: z.boolean(),
    synthetic: z.boolean(),
    n: z.int(),
    metrics: metricsSchema,
  })
  .meta({ id: 'RunFigures' });

export const figureListSchema = z.array(figuresSchema).meta({ description: 'In-source first.' });

export const runDetailsSchema = z
  .object({
    run: runFactsSchema,
    head: z.record(z.string(), z.unknown()).meta({
      description: 'What was recorded when it began: commit, versions, device, …',
    }),
    configuration: z
      .array(z.object({ path: z.string(), value: z.unknown(), origin: z.string().nullable() }))
      .meta({ description: 'As it is now, with where each value was set.' }),
    events: z.array(z.looseObject({ type: z.string(), createdAt: z.string() })),
    evaluations: figureListSchema,
    artifacts: z.array(
      z.object({
        name: z.string(),
        kind: z.string(),
        digest: z.string(),
        sizeBytes: z.number(),
        path: z.string(),
      }),
    ),
    texts: z.array(z.object({ name: z.string(), step: z.int(), text: z.string() })),
    histograms: z.array(
      z.object({
        name: z.string(),
        step: z.int(),
        edges: z.array(z.number()),
        counts: z.array(z.number()),
      }),
    ),
    paths: z.record(z.string(), z.string()).meta({
      description: 'Where its parts lie on the machine of the server, by name.',
    }),
    stopRequested: z.boolean(),
    canResume: z.boolean(),
  })
  .meta({ id: 'RunDetails' });
export type ServedRunDetails = z.infer<typeof runDetailsSchema>;

/** Most runs and metrics of one request. */
const MAX_RUNS = 500;
const MAX_METRICS = 50;
export const MAX_CURVES = 1000;
export const MAX_POINTS = 2000;
const DEFAULT_POINTS = 500;

const runIds = z.array(z.string().min(1).max(100)).min(1).max(MAX_RUNS);
const axisSchema = z.enum(['step', 'epoch', 'time', 'articles']);
const absent = (value: unknown): unknown => value ?? undefined;

export const curvesRequestSchema = z
  .strictObject({
    runs: runIds,
    metrics: z.array(z.string().min(1).max(200)).min(1).max(MAX_METRICS),
    axis: axisSchema.optional().meta({ description: 'time: seconds in which a process worked on the run.' }),
    from: z.number().optional().meta({ description: 'Inclusive bounds on the axis.' }),
    to: z.number().optional(),
    maxPoints: z
      .int()
      .min(2)
      .max(MAX_POINTS)
      .optional()
      .meta({
        description: `Points of each curve at most; default ${DEFAULT_POINTS}.`,
      }),
  })
  .meta({ id: 'CurvesRequest' });

/** What a request for curves says, completed. */
export interface CurvesQuery {
  readonly runs: readonly string[];
  readonly metrics: readonly string[];
  readonly axis: z.infer<typeof axisSchema>;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly maxPoints: number;
}

export function completeCurvesQuery(body: z.infer<typeof curvesRequestSchema>): CurvesQuery {
  const { runs, metrics, axis = 'step', from, to, maxPoints = DEFAULT_POINTS } = body;
  return { runs: [...new Set(runs)], metrics: [...new Set(metrics)], axis, from, to, maxPoints };
}

export const curvesFoundSchema = z
  .object({
    axis: axisSchema,
    curves: z.array(
      z.object({
        runId: z.string(),
        metric: z.string(),
        x: z.array(z.number()),
        values: z.array(metricValueSchema),
        steps: z.array(z.int()),
        count: z.int().meta({ description: 'How many points lie behind the curve.' }),
      }),
    ),
    missing: z.array(z.string()).meta({ description: 'Runs that are not there.' }),
  })
  .meta({ id: 'CurvesFound' });
export type ServedCurves = z.infer<typeof curvesFoundSchema>;

export const runLogSchema = z
  .object({
    lines: z.array(
      z.object({
        createdAt: z.string().nullable(),
        level: z.enum(['info', 'warn', 'error']),
        text: z.string(),
        source: z.enum(['events', 'output']).meta({
          description: 'output: printed by a training that the server started.',
        }),
      }),
    ),
  })
  .meta({ id: 'RunLog' });
export type ServedRunLog = z.infer<typeof runLogSchema>;

export const differencesRequestSchema = z.strictObject({ runs: runIds }).meta({ id: 'DifferencesRequest' });

export const differencesSchema = z
  .object({
    runs: z.array(z.string()),
    differences: z.array(
      z.object({
        path: z.string(),
        values: z.array(z.unknown()).meta({ description: 'In the order of the runs.' }),
        absent: z.array(z.int()).meta({ description: 'Indices of runs that have no such value.' }),
      }),
    ),
    same: z.int().meta({ description: 'How many paths have the same value in all of them.' }),
  })
  .meta({ id: 'ConfigurationDifferences' });
export type ServedDifferences = z.infer<typeof differencesSchema>;

const tag = z.string().min(1).max(100);
const tagList = z.preprocess(absent, z.array(tag).max(100).optional());
export const tagsRequestSchema = z
  .strictObject({ add: tagList, remove: tagList })
  .meta({ id: 'TagsRequest' });
export const noteRequestSchema = z
  .strictObject({ note: z.string().max(10_000).nullable().meta({ description: 'null removes it.' }) })
  .meta({ id: 'NoteRequest' });
export const emptyRequestSchema = z.strictObject({}).meta({ id: 'NoParameters' });
export const deletedSchema = z.object({ id: z.string() }).meta({ id: 'DeletedRun' });

export const runChangesSchema = z
  .object({
    cursor: z.string(),
    runs: z.array(runFactsSchema),
    deleted: z.array(z.string()),
  })
  .meta({ id: 'RunChanges' });
export type ServedChanges = z.infer<typeof runChangesSchema>;

export const resumeSchema = z
  .object({ runId: z.string(), processId: z.int(), status: runStatusSchema })
  .meta({ id: 'StartedResume' });
export type ServedResume = z.infer<typeof resumeSchema>;

/** As JSON can carry it. */
export function toMetricValue(value: number): z.infer<typeof metricValueSchema> {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
