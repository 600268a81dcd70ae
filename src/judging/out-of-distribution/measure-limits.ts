// Measures what a new model's folder keeps about its training articles: letter pairs, class distances, the limits that all
// but a few validation articles keep and, if wanted, the index of similar articles.
import { join } from 'node:path';
import type { DatasetArticle, ModelFolder, OutOfDistributionLimits } from '../../foundation/records/index.ts';
import { saveRecord } from '../../foundation/records/index.ts';
import { findFamily } from '../../learning/models/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { type IndexedArticle, saveArticleIndex } from './article-index.ts';
import { PROFILE_FILE, profileRecord } from './detector.ts';
import { buildFeatureVector, FEATURE_VECTOR_WIDTH } from './feature-vector.ts';
import { buildLetterProfile, scoreLetters } from './letter-profile.ts';
import { measureSpace, type SpaceOptions } from './measure-space.ts';
import { listSeenFeatures, measureUnseenShare, saveSeenFeatures } from './seen-features.ts';
import { pickQuantile, pickRows, QUANTILE } from './validation-quantile.ts';

export interface MeasureOptions extends SpaceOptions {
  readonly family: ModelFolder['family'];
  /** The same articles, in the same order, as they are after cleaning. */
  readonly readTrain: () => AsyncIterable<DatasetArticle>;
  readonly readValidation: () => AsyncIterable<DatasetArticle>;
  readonly keepIndex: boolean;
}

/** Most articles that letters and features are measured on. */
const MAX_LETTER_ARTICLES = 5000;

/** Writes the files and returns the limits for veracity.json. @throws the signal's reason when it is aborted */
export async function measureOutOfDistributionLimits(
  options: MeasureOptions,
): Promise<OutOfDistributionLimits> {
  const letters = await measureLetters(options);
  const family = findFamily(options.family, options.folder);
  const distance = await (family.form === 'sparse'
    ? measureFeatures(options, family.loadScores(options.folder))
    : measureEncoder(options));
  return { quantile: QUANTILE, letters, distance };
}

async function measureLetters({ folder, readTrain, readValidation, signal }: MeasureOptions) {
  const profile = await buildLetterProfile(readTexts(readTrain(), signal));
  const means: number[] = [];
  for await (const text of readTexts(readValidation(), signal)) {
    const score = scoreLetters(profile, text);
    if (score !== null) means.push(score.mean);
  }
  if (means.length === 0) return null; // no letters: nothing to compare
  saveRecord(profileRecord, join(folder, PROFILE_FILE), { schemaVersion: 1, profile });
  return { lowest: pickQuantile(means, 1 - QUANTILE), articles: means.length };
}

/** @param scores  [features, C] */
async function measureFeatures(options: MeasureOptions, scores: Float32Array) {
  const { folder, classNames, train, validation } = options;
  const seen = listSeenFeatures(scores, classNames.length);
  saveSeenFeatures(folder, seen);
  const rows = pickRows(validation, MAX_LETTER_ARTICLES);
  const shares = rows.map((row) => measureUnseenShare(seen, idsOf(validation, row)));
  if (options.keepIndex) {
    const vectors = new Float32Array(train.labels.length * FEATURE_VECTOR_WIDTH);
    for (let row = 0; row < train.labels.length; row++)
      vectors.set(buildFeatureVector(idsOf(train, row)), row * FEATURE_VECTOR_WIDTH);
    return saveIndexThen(options, vectors, {
      kind: 'features' as const,
      highest: pickQuantile(shares, QUANTILE),
      articles: shares.length,
    });
  }
  return { kind: 'features' as const, highest: pickQuantile(shares, QUANTILE), articles: shares.length };
}

async function measureEncoder(options: MeasureOptions) {
  const found = await measureSpace(options);
  if (found === null) return null;
  return options.keepIndex ? saveIndexThen(options, found.vectors, found.distance) : found.distance;
}

async function saveIndexThen<T>(
  { folder, classNames, readTrain, signal }: MeasureOptions,
  vectors: Float32Array,
  result: T,
): Promise<T> {
  saveArticleIndex(folder, await listIndexed(readTrain, classNames, signal), vectors);
  return result;
}

/** What the index stores of the training articles, in their order. */
export async function listIndexed(
  readTrain: () => AsyncIterable<DatasetArticle>,
  classNames: readonly string[],
  signal?: AbortSignal,
): Promise<IndexedArticle[]> {
  const articles: IndexedArticle[] = [];
  for await (const { title, source, label } of readTrain()) {
    signal?.throwIfAborted();
    articles.push({ title, source, label: classNames[label] ?? '' });
  }
  return articles;
}

async function* readTexts(
  articles: AsyncIterable<DatasetArticle>,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  let read = 0;
  for await (const { title, text } of articles) {
    signal?.throwIfAborted();
    if (read++ >= MAX_LETTER_ARTICLES) return;
    yield `${title} ${text}`;
  }
}

function idsOf({ ids, offsets }: TokenizedSplit, row: number): Int32Array {
  return ids.subarray(offsets[row], offsets[row + 1]);
}
