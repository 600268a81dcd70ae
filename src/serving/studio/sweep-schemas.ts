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
      planned: z
        .int()
        .nullable()
        .meta({ description: 'The budget with the repeats so far; null: no limit.' }),
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
        repeats: z
          .int()
          .nullable()
          .meta({ description: 'The trial that it repeats with another seed; null: it tries new settings.' }),
        seed: z.int().nullable().meta({ description: 'Its own seed; null: that of the configuration.' }),
        failure: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
    noise: z
      .object({
        settings: z
          .array(
            z.object({
              trial: z.int().meta({ description: 'The trial that proposed these settings.' }),
              n: z.int(),
              mean: z.number(),
              deviation: z.number().nullable(),
              beatsBest: z
                .number()
                .nullable()
                .meta({ description: 'Probability that a new training beats one with the best settings.' }),
            }),
          )
          .meta({ description: 'The best mean first.' }),
        pooledDeviation: z.number().nullable(),
        isClear: z
          .boolean()
          .nullable()
          .meta({ description: 'Whether the best lead by more than the noise of the seed.' }),
        says: z.string().meta({ description: 'The same as a sentence.' }),
      })
      .nullable()
      .meta({ description: 'Settings that were trained with several seeds; null: none were.' }),
  })
  .meta({ id: 'SweepDetails' });
export type ServedSweepDetails = z.infer<typeof sweepDetailsSchema>;

const interval = {
  low: z.number().meta({ description: '10th percentile over the trees.' }),
  high: z.number().meta({ description: '90th percentile over the trees.' }),
};

export const importanceSchema = z
  .object({
    metric: z.string(),
    trials: z.int().meta({ description: 'Finished and stopped early; repeats are left out.' }),
    stopped: z.int().meta({ description: 'Those of them that were stopped early.' }),
    parameters: z
      .array(
        z.object({
          name: z.string(),
          importance: z.number().meta({ description: 'Share of the variance of the metric.' }),
          ...interval,
          correlation: z
            .object({ kind: z.enum(['spearman', 'ratio']), value: z.number() })
            .nullable()
            .meta({
              description: "Spearman's; for choices the share of the variance between them (eta squared).",
            }),
        }),
      )
      .meta({ description: 'Largest first.' }),
    pairs: z
      .array(
        z.object({
          names: z.tuple([z.string(), z.string()]),
          importance: z.number().meta({ description: 'What both explain beyond each alone.' }),
          ...interval,
        }),
      )
      .meta({ description: 'Largest first, at most ten.' }),
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
        isBest: z.boolean().meta({ description: 'No other finished trial is better in both.' }),
        isStopped: z.boolean().meta({ description: 'Stopped early; never the best.' }),
      }),
    ),
  })
  .meta({ id: 'ParetoView' });
export type ServedPareto = z.infer<typeof paretoSchema>;
