// The registered versions of the served model, as GET /v1/model lists them: stages, age and accuracy.
import { z } from 'zod';
import type { RegisteredModel } from '../../keeping/registry/index.ts';

export const versionFactsSchema = z
  .object({
    /** name@version */
    modelVersion: z.string(),
    createdAt: z.string(),
    stages: z.array(z.string()),
    /** Accuracy on its own test articles; null where it was not measured. */
    inSource: z.number().nullable(),
    /** Mean accuracy on collections from elsewhere; null where it was not measured. */
    outOfSource: z.number().nullable(),
  })
  .meta({ id: 'VersionFacts' });
export type ServedVersionFacts = z.infer<typeof versionFactsSchema>;

/** What the page shows of a long history. */
const MAX_VERSIONS = 20;

/** The newest versions, newest first. */
export function buildVersionFacts(
  models: readonly Pick<RegisteredModel, 'reference' | 'version' | 'record' | 'stages' | 'evaluations'>[],
): ServedVersionFacts[] {
  return [...models]
    .sort((a, b) => b.version - a.version)
    .slice(0, MAX_VERSIONS)
    .map(({ reference, record, stages, evaluations }) => {
      const own = evaluations.find((report) => !report.outOfSource);
      const others = evaluations.filter((report) => report.outOfSource);
      const sum = others.reduce((total, { metrics }) => total + metrics.accuracy, 0);
      return {
        modelVersion: reference,
        createdAt: record.createdAt,
        stages: [...stages],
        inSource: own?.metrics.accuracy ?? null,
        outOfSource: others.length === 0 ? null : sum / others.length,
      };
    });
}
