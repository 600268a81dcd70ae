// Schemas of what the studio's routes say about sweeps. test/serve/client.test.ts compares them with the client's types.
import { z } from 'zod';
import { metricValueSchema, runStatusSchema } from './run-schemas.ts';

const parameterValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const sweepFactsSchema = z
  .object({
    id: z.string(),
    createdAt: z.string(),
    name: z.string(),
    status: runStatusSchema,
    method: z.string().meta({ description: 'Of the sampler: grid, random, gp or tpe.' }),
    metric: z.string(),
    goal: z.enum(['minimize', 'maximize']),
    parameters: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['float', 'int', 'categorical']),
        low: z.number().nullable(),
        high: z.number().nullable(),
        log: z.boolean(),
        choices: z.array(parameterValueSchema).nullable(),
      }),
    ),
    trials: z.object({
      finished: z.int(),
      running: z.int(),
      failed: z.int(),
      stopped: z.int(),
      planned: z.int().nullable().meta({ description: 'The budget; null: no limit.' }),
    }),
    best: z.object({ trial: z.int(), runId: z.string().nullable(), value: metricValueSchema }).nullable(),
  })
  .meta({ id: 'SweepFacts' });
export type ServedSweep = z.infer<typeof sweepFactsSchema>;

export const sweepsFoundSchema = z.object({ sweeps: z.array(sweepFactsSchema) }).meta({ id: 'SweepsFound' });

export const sweepDetailsSchema = z
  .object({
    sweep: sweepFactsSchema,
    trials: z.array(
      z.object({
        number: z.int(),
        state: z.enum(['waiting', 'running', 'finished', 'failed', 'stopped']),
        runId: z.string().nullable(),
        parameters: z.record(z.string(), parameterValueSchema).meta({ description: 'Active ones only.' }),
        value: metricValueSchema.nullable(),
        createdAt: z.string().nullable(),
        finishedAt: z.string().nullable(),
        reports: z
          .array(z.object({ step: z.number(), value: metricValueSchema }))
          .meta({ description: 'Values on the way, by which a trial is stopped early.' }),
      }),
    ),
  })
  .meta({ id: 'SweepDetails' });
export type ServedSweepDetails = z.infer<typeof sweepDetailsSchema>;

export const importanceSchema = z
  .object({
    metric: z.string(),
    trials: z.int(),
    parameters: z.array(
      z.object({
        name: z.string(),
        importance: z.number().meta({ description: 'Share of the variance of the metric.' }),
        correlation: z
          .number()
          .nullable()
          .meta({ description: "Spearman's; null: choices without an order." }),
      }),
    ),
    reason: z.string().nullable().meta({ description: 'Why there is none; null where there is.' }),
  })
  .meta({ id: 'ParameterImportance' });
export type ServedImportance = z.infer<typeof importanceSchema>;

export const paretoSchema = z
  .object({
    metrics: z.tuple([z.string(), z.string()]),
    points: z.array(
      z.object({
        trial: z.int(),
        runId: z.string(),
        values: z.tuple([z.number(), z.number()]),
        isBest: z.boolean().meta({ description: 'No other trial is better in both.' }),
      }),
    ),
  })
  .meta({ id: 'ParetoView' });
export type ServedPareto = z.infer<typeof paretoSchema>;
