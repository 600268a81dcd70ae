// Is an article like those that the model learned from? Two questions, each with a limit that all but few validation
// articles keep: are its letters those of their language, and does it lie near them in the model's own space?
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelFolder } from '../../foundation/records/index.ts';
import { loadRecord, type RecordType } from '../../foundation/records/index.ts';
import { measureDistance } from './class-distance.ts';
import { measureNewFeatures } from './known-features.ts';
import { type LetterProfile, letterProfileSchema, scoreLetters } from './letter-profile.ts';
import { loadSpace, SPACE_FILE } from './space-file.ts';

export const PROFILE_FILE = 'letters.json';

const profileSchema = z.strictObject({ schemaVersion: z.literal(1), profile: letterProfileSchema });
export const profileRecord: RecordType<z.infer<typeof profileSchema>> = {
  name: 'letter profile',
  schemaVersion: 1,
  schema: profileSchema,
  example: { schemaVersion: 1, profile: { pairs: { ' t': -4, th: -5 }, other: -14 } },
};

/** What is known of an article that is judged. */
export interface MeasuredArticle {
  /** Cleaned. */
  readonly title: string;
  readonly text: string;
  readonly ids: Int32Array;
  /** [D] the model's vector of it; absent for the linear model, and for models of before. */
  readonly embedding?: Float32Array;
}

export interface OutOfDistributionDetector {
  /** Warnings for people; empty where nothing is unusual. Names no word of the article. */
  listWarnings(article: MeasuredArticle): string[];
}

/** Standard errors by which a short text may miss the limit: few letters say little. */
const SLACK = 2;

/** What a model's folder knows of its training articles; null where it says nothing, as those of before. */
export function loadOutOfDistributionDetector(
  folder: string,
  info: ModelFolder,
): OutOfDistributionDetector | null {
  const { familiarity } = info;
  if (familiarity === undefined) return null;
  const profile = existsSync(join(folder, PROFILE_FILE))
    ? loadRecord(profileRecord, join(folder, PROFILE_FILE)).profile
    : null;
  const measure = loadMeasure(folder, info);
  return createOutOfDistributionDetector(familiarity, profile, measure);
}

export function createOutOfDistributionDetector(
  { letters, distance }: NonNullable<ModelFolder['familiarity']>,
  profile: LetterProfile | null,
  measure: ((article: MeasuredArticle) => number | null) | null,
): OutOfDistributionDetector {
  return {
    listWarnings: (article) => {
      const warnings: string[] = [];
      if (letters !== null && profile !== null && isForeign(profile, letters.lowest, article)) {
        warnings.push(
          'The article seems to be in another language, or written in another way, than those the model learned from: the answer means little.',
        );
      }
      const measured = distance === null ? null : (measure?.(article) ?? null);
      if (distance !== null && measured !== null && measured > distance.highest)
        warnings.push(describeDistance(distance, measured));
      return warnings;
    },
  };
}

function isForeign(profile: LetterProfile, lowest: number, { title, text }: MeasuredArticle): boolean {
  const score = scoreLetters(profile, `${title} ${text}`);
  return score !== null && score.mean < lowest - (SLACK * score.deviation) / Math.sqrt(score.pairs);
}

function describeDistance(
  { kind, highest }: NonNullable<NonNullable<ModelFolder['familiarity']>['distance']>,
  measured: number,
): string {
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  const how =
    kind === 'features'
      ? `${percent(measured)} of its words and word groups are new to the model, usually at most ${percent(highest)}`
      : `distance ${measured.toFixed(2)}, usually at most ${highest.toFixed(2)}`;
  return `The article is unlike those the model learned from (${how}): treat the answer with care.`;
}

function loadMeasure(
  folder: string,
  { familiarity, classNames }: Pick<ModelFolder, 'familiarity' | 'classNames'>,
): ((article: MeasuredArticle) => number | null) | null {
  if (familiarity?.distance?.kind === 'features') {
    const path = join(folder, SPACE_FILE);
    if (!existsSync(path)) return null;
    const known = readFileSync(path);
    return ({ ids }) => measureNewFeatures(known, ids);
  }
  const space = loadSpace(folder, classNames.length);
  if (space === null) return null;
  return ({ embedding }) =>
    embedding === undefined || embedding.length !== space.width ? null : measureDistance(space, embedding);
}
