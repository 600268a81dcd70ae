// Detects articles that are unlike the training articles. It has two measures, each with a limit that all but a few
// validation articles keep: how usual its letter pairs are, and how far it lies from the training articles in
// the model's own vector space.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type {
  Measures,
  ModelFolder,
  OutOfDistributionLimits,
  Warning,
} from '../../foundation/records/index.ts';
import { loadRecord, type RecordType } from '../../foundation/records/index.ts';
import { measureDistance } from './class-distance.ts';
import { loadClassDistance } from './class-distance-file.ts';
import { type LetterProfile, letterProfileSchema, scoreLetters } from './letter-profile.ts';
import { loadSeenFeatures, measureUnseenShare } from './seen-features.ts';

export const PROFILE_FILE = 'letters.json';

const profileSchema = z.strictObject({ schemaVersion: z.literal(1), profile: letterProfileSchema });
export const profileRecord: RecordType<z.infer<typeof profileSchema>> = {
  name: 'letter profile',
  schemaVersion: 1,
  schema: profileSchema,
  example: { schemaVersion: 1, profile: { pairs: { ' t': -4, th: -5 }, other: -14 } },
};

/** The input of the detector. */
export interface MeasuredArticle {
  /** Cleaned. */
  readonly title: string;
  readonly text: string;
  readonly ids: Int32Array;
  /** [D] the model's vector of it; absent where the model has none. */
  readonly embedding?: Float32Array;
}

export interface OutOfDistributionFinding extends Pick<Measures, 'letterScore' | 'distance'> {
  /** Empty where both measures keep their limits. */
  readonly warnings: readonly Warning[];
}

export interface OutOfDistributionDetector {
  measure(article: MeasuredArticle): OutOfDistributionFinding;
}

/** Distance of an article from the training articles; null where it has no vector. */
type MeasureDistance = (article: MeasuredArticle) => number | null;

/** Standard errors by which the letters of a text may miss the limit: a short text says little. */
const SLACK = 2;

/** Loads what a model's folder knows of its training articles; null where it knows nothing. */
export function loadOutOfDistributionDetector(
  folder: string,
  info: ModelFolder,
): OutOfDistributionDetector | null {
  const { outOfDistribution } = info;
  if (outOfDistribution === undefined) return null;
  const profile = existsSync(join(folder, PROFILE_FILE))
    ? loadRecord(profileRecord, join(folder, PROFILE_FILE)).profile
    : null;
  return createOutOfDistributionDetector(outOfDistribution, profile, loadMeasure(folder, info));
}

export function createOutOfDistributionDetector(
  { letters, distance }: OutOfDistributionLimits,
  profile: LetterProfile | null,
  measureArticle: MeasureDistance | null,
): OutOfDistributionDetector {
  return {
    measure: (article) => {
      const warnings: Warning[] = [];
      const found = profile === null ? null : scoreLetters(profile, `${article.title} ${article.text}`);
      if (letters !== null && found !== null) {
        const lowest = letters.lowest - (SLACK * found.deviation) / Math.sqrt(found.pairs);
        if (found.mean < lowest)
          warnings.push({
            code: 'OUT_OF_DISTRIBUTION_LETTERS',
            score: round(found.mean),
            lowest: round(lowest),
          });
      }
      const measured = measureArticle?.(article) ?? null;
      if (distance !== null && measured !== null && measured > distance.highest)
        warnings.push({
          code: 'OUT_OF_DISTRIBUTION_DISTANCE',
          kind: distance.kind,
          distance: round(measured),
          highest: round(distance.highest),
        });
      return {
        letterScore: found === null ? null : round(found.mean),
        distance: measured === null ? null : round(measured),
        warnings,
      };
    },
  };
}

/** Receipts keep these numbers: four decimals are more than they are worth. */
function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

function loadMeasure(
  folder: string,
  { traits, classNames }: Pick<ModelFolder, 'traits' | 'classNames'>,
): MeasureDistance | null {
  if (traits.unit === 'features') {
    const seen = loadSeenFeatures(folder);
    return seen === null ? null : ({ ids }) => measureUnseenShare(seen, ids);
  }
  const space = loadClassDistance(folder, classNames.length);
  if (space === null) return null;
  return ({ embedding }) =>
    embedding === undefined || embedding.length !== space.width ? null : measureDistance(space, embedding);
}
