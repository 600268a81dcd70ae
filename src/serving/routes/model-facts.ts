// The response of GET /v1/model: where the model comes from, its figures on its own source and on other sources, its limits
// and its versions.
import { z } from 'zod';
import {
  buildLimitAnswer,
  calibrationSchema,
  type EvaluationReport,
  evaluationReportSchema,
  type ModelFolder,
  modelColumnsSchema,
  modelLimitFactSchema,
  modelReadingSchema,
  nameNouns,
} from '../../foundation/records/index.ts';
import { listModelLimits } from '../../keeping/registry/index.ts';
import { type RolloutState, restingRollout, rolloutStateSchema } from '../live/index.ts';
import { type ServedVersionFacts, versionFactsSchema } from './version-facts.ts';

const figuresSchema = evaluationReportSchema.pick({
  collection: true,
  outOfSource: true,
  synthetic: true,
  n: true,
  metrics: true,
  intervals: true,
  abstention: true,
  perClass: true,
  reliability: true,
});

export const modelFactsSchema = z
  .object({
    modelVersion: z.string(),
    /** linear, compact, … */
    model: z.string(),
    runId: z.string(),
    createdAt: z.string(),
    dataset: z.object({ name: z.string(), version: z.string(), synthetic: z.boolean() }),
    noun: z
      .object({ one: z.string(), many: z.string(), any: z.string() })
      .meta({ description: 'What its texts are called: "complaint", "complaints", "a complaint".' }),
    language: z
      .string()
      .nullable()
      .meta({ description: 'Language of its texts as a BCP 47 tag; null: unknown, or several.' }),
    classNames: z.array(z.string()),
    columns: modelColumnsSchema.nullable().meta({
      description:
        'The columns of the training file by their roles; POST /v1/batch finds them in files. null: not recorded.',
    }),
    reading: modelReadingSchema.nullable().meta({
      description: 'How the training file was read; a setting that is null was found from the file.',
    }),
    parameterCount: z.int(),
    maxTokens: z.int(),
    calibration: calibrationSchema,
    /** The test split of the model's own dataset; null where the model was not evaluated. */
    inSource: figuresSchema.nullable(),
    /** Collections from other sources; empty where there was none (`limits` says so). */
    outOfSource: z.array(figuresSchema),
    limits: z
      .array(z.string())
      .meta({ description: 'Limits of the model, as sentences; the most serious first.' }),
    limitFacts: z.array(modelLimitFactSchema).meta({
      description:
        'The same limits as facts, in the same order: a code, the numbers behind it, the sentence.',
    }),
    /** Versions of the served model, newest first; empty where it was loaded from a folder. */
    versions: z.array(versionFactsSchema),
    rollout: rolloutStateSchema.meta({
      description: 'Other versions in memory: loading, canary or shadow.',
    }),
  })
  .meta({ id: 'ModelFacts' });
export type ServedModelFacts = z.infer<typeof modelFactsSchema>;

export function createModelFacts(
  info: ModelFolder,
  modelVersion: string,
  evaluations: readonly EvaluationReport[],
  versions: readonly ServedVersionFacts[] = [],
  rollout: RolloutState = restingRollout,
): ServedModelFacts {
  const own = evaluations.find((report) => !report.outOfSource);
  const others = evaluations.filter((report) => report.outOfSource);
  return {
    modelVersion,
    model: info.model,
    runId: info.runId,
    createdAt: info.createdAt,
    dataset: { name: info.datasetName, version: info.datasetVersion, synthetic: info.synthetic },
    noun: nameNouns(info),
    language: info.language ?? null,
    classNames: info.classNames,
    columns: info.columns ?? null,
    reading: info.reading ?? null,
    parameterCount: info.parameterCount,
    maxTokens: info.maxTokens,
    calibration: info.calibration,
    inSource: own === undefined ? null : pickFigures(own),
    outOfSource: others.map(pickFigures),
    ...buildLimitAnswer(listModelLimits(info, evaluations), nameNouns(info)),
    versions: [...versions],
    rollout,
  };
}

function pickFigures(report: EvaluationReport): z.infer<typeof figuresSchema> {
  const { collection, outOfSource, synthetic, n, metrics, intervals, abstention, perClass, reliability } =
    report;
  return { collection, outOfSource, synthetic, n, metrics, intervals, abstention, perClass, reliability };
}
