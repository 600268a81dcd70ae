// The schema of a sweep's settings: the form of a sweep file of Weights & Biases, with a few keys more.
import { z } from 'zod';

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const count = z.int().min(1);

/** The distributions of a sweep file; several are names of one range. */
const DISTRIBUTIONS = [
  'constant',
  'categorical',
  'categorical_w_probabilities',
  'int_uniform',
  'uniform',
  'q_uniform',
  'log_uniform',
  'log_uniform_values',
  'q_log_uniform',
  'q_log_uniform_values',
  'inv_log_uniform',
  'inv_log_uniform_values',
  'normal',
  'q_normal',
  'log_normal',
  'q_log_normal',
] as const;

export interface ParameterConfig {
  readonly value?: z.infer<typeof value> | undefined;
  readonly values?: readonly z.infer<typeof value>[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly distribution?: (typeof DISTRIBUTIONS)[number] | undefined;
  /** Step of the q_ distributions. */
  readonly q?: number | undefined;
  readonly mu?: number | undefined;
  readonly sigma?: number | undefined;
  readonly probabilities?: readonly number[] | undefined;
  /** Parameters below this name. */
  readonly parameters?: Readonly<Record<string, ParameterConfig>> | undefined;
  /** Searched only where another parameter has one of these values. */
  readonly when?:
    | { readonly parameter: string; readonly values: readonly z.infer<typeof value>[] }
    | undefined;
}

const parameterSchema: z.ZodType<ParameterConfig> = z.strictObject({
  value: value.optional(),
  values: z.array(value).min(1).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  distribution: z.enum(DISTRIBUTIONS).optional(),
  q: z.number().positive().optional(),
  mu: z.number().optional(),
  sigma: z.number().positive().optional(),
  probabilities: z.array(z.number()).optional(),
  parameters: z.lazy(() => z.record(z.string(), parameterSchema)).optional(),
  when: z.strictObject({ parameter: z.string(), values: z.array(value).min(1) }).optional(),
});

export const sweepSettingsSchema = z.strictObject({
  sweep: z.strictObject({
    method: z.enum(['grid', 'random', 'bayes', 'gp', 'tpe']),
    metric: z.strictObject({
      name: z.string(),
      /** Null: as the metric's name says. */
      goal: z.enum(['minimize', 'maximize']).nullable().default(null),
      target: z.number().optional(),
      impute: z.string().optional(),
    }),
    parameters: z.record(z.string(), parameterSchema),
    early_terminate: z
      .strictObject({
        type: z.enum(['hyperband', 'asha', 'median']),
        /** Evaluations before the first decision. */
        min_iter: count.optional(),
        /** Most evaluations of a trial. */
        max_iter: count.optional(),
        eta: z.number().gt(1).optional(),
        /** Brackets. */
        s: count.optional(),
        strict: z.boolean().optional(),
      })
      .nullable(),
    budget: z.strictObject({
      trials: count.nullable(),
      minutes: z.number().positive().nullable(),
      patience: count.nullable(),
    }),
    run_cap: count.nullable().optional(),
    parallel: count.max(1024),
    repeat: z.strictObject({ best: count, seeds: z.int().min(0) }),
    seed: z.int().min(0),
    register: z.boolean(),
    lease_seconds: z.number().min(1).max(86_400),
  }),
});
export type SweepSettings = z.infer<typeof sweepSettingsSchema>['sweep'];
