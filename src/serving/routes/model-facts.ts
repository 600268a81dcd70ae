// What the page tells about the model: where it comes from, how well it does on articles like its own and on other
// people's (always both), and its limits in plain words.
import { z } from 'zod';
import {
  calibrationSchema,
  type EvaluationReport,
  evaluationReportSchema,
  type ModelFolder,
} from '../../foundation/records/index.ts';
import { listModelLimits } from '../../keeping/registry/index.ts';
import { type RolloutState, restingRollout, rolloutStateSchema } from '../live/index.ts';
import { type VersionFacts, versionFactsSchema } from './version-facts.ts';

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
    classNames: z.array(z.string()),
    parameterCount: z.int(),
    maxTokens: z.int(),
    calibration: calibrationSchema,
    /** The test split of the model's own data set; null where the model was not evaluated. */
    inSource: figuresSchema.nullable(),
    /** Collections from elsewhere; empty where there was none, which `limits` then says. */
    outOfSource: z.array(figuresSchema),
    /** Plain sentences. */
    limits: z.array(z.string()),
    /** Of the served model, newest first; empty where it was served from a folder. */
    versions: z.array(versionFactsSchema),
    rollout: rolloutStateSchema.meta({ description: 'Versions that come and go beside this one.' }),
  })
  .meta({ id: 'ModelFacts' });
export type ModelFacts = z.infer<typeof modelFactsSchema>;

export function createModelFacts(
  info: ModelFolder,
  modelVersion: string,
  evaluations: readonly EvaluationReport[],
  versions: readonly VersionFacts[] = [],
  rollout: RolloutState = restingRollout,
): ModelFacts {
  const own = evaluations.find((report) => !report.outOfSource);
  const others = evaluations.filter((report) => report.outOfSource);
  return {
    modelVersion,
    model: info.model,
    runId: info.runId,
    createdAt: info.createdAt,
    dataset: { name: info.datasetName, version: info.datasetVersion, synthetic: info.synthetic },
    classNames: info.classNames,
    parameterCount: info.parameterCount,
    maxTokens: info.maxTokens,
    calibration: info.calibration,
    inSource: own === undefined ? null : pickFigures(own),
    outOfSource: others.map(pickFigures),
    limits: listModelLimits(info, evaluations),
    versions: [...versions],
    rollout,
  };
}

function pickFigures(report: EvaluationReport): z.infer<typeof figuresSchema> {
  const { collection, outOfSource, synthetic, n, metrics, intervals, abstention, perClass, reliability } =
    report;
  return { collection, outOfSource, synthetic, n, metrics, intervals, abstention, perClass, reliability };
}
