// What a new model's folder keeps of its training articles: letter pairs, the space they lie in, limits that all but few
// validation articles keep and, where it was asked for, the index of similar articles.
import { join } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { invariant } from '../core/errors.ts';
import { PROGRAM_NAMES } from '../engine/graph/program.ts';
import { createInferenceSession } from '../engine/runtime/inference-session.ts';
import { SCORES } from '../models/linear/model-files.ts';
import { loadSafetensors } from '../models/safetensors.ts';
import type { Article } from '../records/article.ts';
import type { ModelFolder } from '../records/model-folder.ts';
import { saveRecord } from '../records/record.ts';
import type { TokenizedSplit } from '../tokenize/article-encoder.ts';
import { collateBatch, planEvaluationBatches } from '../tokenize/batches.ts';
import { type IndexedArticle, saveArticleIndex } from './article-index.ts';
import { type ClassDistance, fitClassDistance, measureDistance } from './class-distance.ts';
import { PROFILE_FILE, profileRecord, SPACE_FILE } from './familiarity.ts';
import { SKETCH_WIDTH, sketchFeatures } from './feature-sketch.ts';
import { listKnownFeatures, measureNewFeatures } from './known-features.ts';
import { buildLetterProfile, scoreLetters } from './letter-profile.ts';

export interface MeasureOptions {
  /** The model's folder, with onnx/model.onnx in it. */
  readonly folder: string;
  readonly family: ModelFolder['family'];
  readonly classNames: readonly string[];
  readonly train: TokenizedSplit;
  readonly validation: TokenizedSplit;
  /** The same articles, in the same order, as they are after cleaning. */
  readonly readTrain: () => AsyncIterable<Article>;
  readonly readValidation: () => AsyncIterable<Article>;
  readonly keepIndex: boolean;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (articles: number) => void;
}

/** Share of the validation articles that keep each limit. */
const QUANTILE = 0.99;
/** Articles that letters and the space are measured on, of each split: a forward pass each. */
const MAX_LETTER_ARTICLES = 5000;
const MAX_SPACE_ARTICLES = 1024;
const BATCH = { maxArticles: 32, maxTokens: 4096 };

/** Writes the files and returns the limits for veracity.json. @throws the signal's reason when it is aborted */
export async function measureFamiliarity(
  options: MeasureOptions,
): Promise<NonNullable<ModelFolder['familiarity']>> {
  const letters = await measureLetters(options);
  const distance = await (options.family === 'linear' ? measureFeatures(options) : measureSpace(options));
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

async function measureFeatures(options: MeasureOptions) {
  const { folder, classNames, train, validation } = options;
  const scores = loadSafetensors(join(folder, 'model.safetensors')).tensors.get(SCORES)?.data;
  invariant(scores instanceof Float32Array, 'a linear model has scores');
  const known = listKnownFeatures(scores, classNames.length);
  writeFileAtomic(join(folder, SPACE_FILE), known);
  const rows = pickRows(validation, MAX_LETTER_ARTICLES);
  const shares = rows.map((row) => measureNewFeatures(known, idsOf(validation, row)));
  if (options.keepIndex) {
    const vectors = new Float32Array(train.labels.length * SKETCH_WIDTH);
    for (let row = 0; row < train.labels.length; row++)
      vectors.set(sketchFeatures(idsOf(train, row)), row * SKETCH_WIDTH);
    return saveIndexThen(options, vectors, {
      kind: 'features' as const,
      highest: pickQuantile(shares, QUANTILE),
      articles: shares.length,
    });
  }
  return { kind: 'features' as const, highest: pickQuantile(shares, QUANTILE), articles: shares.length };
}

async function measureSpace(options: MeasureOptions) {
  const { folder, train, validation, classNames, keepIndex } = options;
  const trainRows = keepIndex ? Array.from(train.labels.keys()) : pickRows(train, MAX_SPACE_ARTICLES);
  const validationRows = pickRows(validation, MAX_SPACE_ARTICLES);
  const vectors = await computeEmbeddings(train, trainRows, options); // [N, D]
  if (vectors === null) return null;
  const found = await computeEmbeddings(validation, validationRows, options);
  if (found === null) return null;
  const width = vectors.length / trainRows.length;
  // with an index there may be far more than the fit needs
  const step = Math.max(1, Math.floor(trainRows.length / MAX_SPACE_ARTICLES));
  const fitted = trainRows.map((_, i) => i).filter((i) => i % step === 0);
  const space = fitClassDistance(
    gather(vectors, width, fitted),
    fitted.map((i) => train.labels[trainRows[i]!]!),
    classNames.length,
  );
  writeFileAtomic(join(folder, SPACE_FILE), joinSpace(space));
  const distances = validationRows.map((_, i) =>
    measureDistance(space, found.subarray(i * width, (i + 1) * width)),
  );
  const distance = {
    kind: 'embedding' as const,
    highest: pickQuantile(distances, QUANTILE),
    articles: distances.length,
  };
  return keepIndex ? saveIndexThen(options, vectors, distance) : distance;
}

async function saveIndexThen<T>(
  { folder, classNames, readTrain, signal }: MeasureOptions,
  vectors: Float32Array,
  result: T,
): Promise<T> {
  const articles: IndexedArticle[] = [];
  for await (const { title, source, label } of readTrain()) {
    signal?.throwIfAborted();
    articles.push({ title, source, label: classNames[label] ?? '' });
  }
  saveArticleIndex(folder, articles, vectors);
  return result;
}

/** The model's vectors of some rows; null where its graph gives none. @returns [rows, D] */
async function computeEmbeddings(
  split: TokenizedSplit,
  rows: readonly number[],
  { folder, threads, signal, onProgress }: MeasureOptions,
): Promise<Float32Array | null> {
  const session = await createInferenceSession(join(folder, 'onnx', 'model.onnx'), { threads });
  try {
    if (!session.outputNames.includes(PROGRAM_NAMES.embedding)) return null;
    let vectors: Float32Array | undefined;
    let done = 0;
    const lengths = rows.map((row) => split.offsets[row + 1]! - split.offsets[row]!);
    for (const batchRows of planEvaluationBatches({ lengths, ...BATCH })) {
      signal?.throwIfAborted();
      const picked = Array.from(batchRows, (i) => rows[i]!);
      const { inputIds, attentionMask, size, length } = collateBatch(split, picked, 0);
      const shape = [size, length];
      const inputs = {
        [PROGRAM_NAMES.inputIds]: {
          dtype: 'int64' as const,
          shape,
          data: BigInt64Array.from(inputIds, BigInt),
        },
        [PROGRAM_NAMES.attentionMask]: {
          dtype: 'int64' as const,
          shape,
          data: BigInt64Array.from(attentionMask, BigInt),
        },
      };
      const values = (await session.run(inputs))[PROGRAM_NAMES.embedding]!.data as Float32Array; // [B, D]
      const width = values.length / size;
      vectors ??= new Float32Array(rows.length * width);
      batchRows.forEach((i, at) => {
        vectors!.set(values.subarray(at * width, (at + 1) * width), i * width);
      });
      done += size;
      onProgress?.(done);
    }
    return vectors ?? null;
  } finally {
    await session.dispose();
  }
}

async function* readTexts(articles: AsyncIterable<Article>, signal?: AbortSignal): AsyncGenerator<string> {
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

/** At most `most` rows, evenly over the split. */
function pickRows({ labels }: TokenizedSplit, most: number): number[] {
  const count = Math.min(most, labels.length);
  return Array.from({ length: count }, (_, i) => Math.floor((i * labels.length) / count));
}

function gather(vectors: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    picked.set(vectors.subarray(row * width, (row + 1) * width), at * width);
  });
  return picked;
}

function joinSpace({ means, whitening }: ClassDistance): Uint8Array {
  const values = new Float32Array(means.length + whitening.length);
  values.set(means);
  values.set(whitening, means.length);
  return new Uint8Array(values.buffer);
}

/** The value below which `share` of them lie. */
function pickQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))] ?? 0;
}
