// Measures the class distances of a model's training articles, and how far its validation articles lie from them. A
// compressed model has vectors of its own, and so a limit of its own.
import { join } from 'node:path';
import { PROGRAM_NAMES } from '../../engine/graph/index.ts';
import { createInferenceSession } from '../../engine/runtime/session/index.ts';
import { type OutOfDistributionLimits, type Precision, runsAlone } from '../../foundation/records/index.ts';
import type { TokenizedSplit } from '../../text/tokenize/index.ts';
import { collateBatch, planEvaluationBatches } from '../../text/tokenize/index.ts';
import { type ClassDistance, fitClassDistance, measureDistance } from './class-distance.ts';
import { loadClassDistance, saveClassDistance } from './class-distance-file.ts';
import { pickQuantile, pickRows, QUANTILE } from './validation-quantile.ts';

export interface EmbeddingOptions {
  /** The model's folder, with onnx/model.onnx in it. */
  readonly folder: string;
  /** Default fp32. */
  readonly precision?: Precision;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (articles: number) => void;
}

export interface LimitOptions extends EmbeddingOptions {
  readonly classNames: readonly string[];
  readonly validation: TokenizedSplit;
}

export interface SpaceOptions extends LimitOptions {
  readonly train: TokenizedSplit;
  /** Compute the vectors of all training articles, not only of as many as the fit needs. */
  readonly keepIndex: boolean;
}

type Distance = NonNullable<OutOfDistributionLimits['distance']>;

/** Most articles of each split: each costs a forward pass. */
const MAX_ARTICLES = 1024;
const BATCH = { maxArticles: 32, maxTokens: 4096 };
/** For models that predict each article alone. */
const ALONE = { maxArticles: 1, maxTokens: 4096 };

/**
 * Fits class distances to the training articles and writes them into the folder.
 * @returns the limit, and the vectors of the training articles [N, D]; null where the model gives no vectors
 */
export async function measureSpace(
  options: SpaceOptions,
): Promise<{ distance: Distance; vectors: Float32Array } | null> {
  const { folder, train, classNames, keepIndex } = options;
  const rows = keepIndex ? Array.from(train.labels.keys()) : pickRows(train, MAX_ARTICLES);
  const vectors = await computeEmbeddings(train, rows, options); // [N, D]
  if (vectors === null) return null;
  // an index needs all vectors, which may be far more than the fit needs
  const step = Math.max(1, Math.floor(rows.length / MAX_ARTICLES));
  const fitted = rows.map((_, i) => i).filter((i) => i % step === 0);
  const space = fitClassDistance(
    gather(vectors, vectors.length / rows.length, fitted),
    fitted.map((i) => train.labels[rows[i]!]!),
    classNames.length,
  );
  saveClassDistance(folder, space);
  const distance = await measureIn(space, options);
  return distance === null ? null : { distance, vectors };
}

/** Measures the limit by the class distances in the folder; null where it has none, or the model gives no vectors. */
export async function measureLimit(options: LimitOptions): Promise<Distance | null> {
  const space = loadClassDistance(options.folder, options.classNames.length);
  return space === null ? null : measureIn(space, options);
}

async function measureIn(space: ClassDistance, options: LimitOptions): Promise<Distance | null> {
  const rows = pickRows(options.validation, MAX_ARTICLES);
  const vectors = await computeEmbeddings(options.validation, rows, options);
  if (vectors === null) return null;
  const { width } = space;
  const distances = rows.map((_, i) => measureDistance(space, vectors.subarray(i * width, (i + 1) * width)));
  return { kind: 'embedding', highest: pickQuantile(distances, QUANTILE), articles: distances.length };
}

/** Computes the model's vectors of some rows; null where its graph gives none. @returns [rows, D] */
async function computeEmbeddings(
  split: TokenizedSplit,
  rows: readonly number[],
  { folder, precision, threads, signal, onProgress }: EmbeddingOptions,
): Promise<Float32Array | null> {
  const session = await createInferenceSession(join(folder, 'onnx', 'model.onnx'), { threads });
  try {
    if (!session.outputNames.includes(PROGRAM_NAMES.embedding)) return null;
    let vectors: Float32Array | undefined;
    let done = 0;
    const lengths = rows.map((row) => split.offsets[row + 1]! - split.offsets[row]!);
    for (const batchRows of planEvaluationBatches({ lengths, ...(runsAlone(precision) ? ALONE : BATCH) })) {
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

function gather(vectors: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    picked.set(vectors.subarray(row * width, (row + 1) * width), at * width);
  });
  return picked;
}
