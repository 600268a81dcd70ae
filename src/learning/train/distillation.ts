// Learning from a teacher (Hinton, Vinyals and Dean 2015, arXiv 1503.02531): besides the labels, the student learns the
// teacher's probabilities at a raised temperature, whose small values show which classes are similar.
// loss = (1 - alpha) * cross-entropy(labels) + alpha * T^2 * cross-entropy(softmax(teacher / T), softmax(student / T))
// T^2, because the gradient of the second term shrinks as 1 / T^2: without it, alpha would mean another mix at each T.
import { join } from 'node:path';
import { float32Tensor } from '../../engine/graph/index.ts';
import type { TrainingBatch } from '../../engine/runtime/training/index.ts';
import { isAppError, withBuildLock } from '../../foundation/core/index.ts';
import { loadSafetensors, saveSafetensors } from '../models/index.ts';

export interface Distillation {
  /** [N, C] of the train split's rows, in their order. */
  readonly teacherLogits: Float32Array;
  /** T, above 0. */
  readonly temperature: number;
  /** Share of the teacher in the loss, in [0, 1]. */
  readonly alpha: number;
}

/**
 * Softmax of the teacher's logits at a temperature.
 * @param logits  [N, C]
 * @returns [rows, C]
 */
export function softenLogits(
  logits: Float32Array,
  rows: ArrayLike<number>,
  classes: number,
  temperature: number,
): Float32Array {
  const targets = new Float32Array(rows.length * classes);
  for (let i = 0; i < rows.length; i++) {
    const own = logits.subarray(rows[i]! * classes, (rows[i]! + 1) * classes);
    const largest = Math.max(...own);
    let total = 0;
    for (const logit of own) total += Math.exp((logit - largest) / temperature);
    for (let c = 0; c < classes; c++)
      targets[i * classes + c] = Math.exp((own[c]! - largest) / temperature) / total;
  }
  return targets;
}

/**
 * Adds the teacher's targets to a batch, and gives the labels the rest of the loss.
 * @param rows  [B] rows of the train split
 */
export function addTeacher(
  batch: TrainingBatch,
  rows: Int32Array,
  classes: number,
  { teacherLogits, temperature, alpha }: Distillation,
): TrainingBatch {
  return {
    ...batch,
    articleWeights: batch.articleWeights.map((weight) => weight * (1 - alpha)),
    teacher: {
      targets: softenLogits(teacherLogits, rows, classes, temperature),
      weights: batch.articleWeights.map((weight) => weight * alpha * temperature ** 2),
    },
  };
}

export interface TeacherCacheOptions {
  readonly cacheFolder: string;
  readonly datasetVersion: string;
  /** Hash of everything that determines the teacher's logits. */
  readonly teacherDigest: string;
  /** N * C */
  readonly elements: number;
  /** Called only when the cache does not have them. */
  readonly compute: () => Promise<Float32Array>;
}

/**
 * The teacher's logits on the train split: computed once for each teacher and dataset version, then read.
 * @returns [N, C]
 * @throws DISK_FULL, and what `compute` throws
 */
export async function loadOrComputeTeacherLogits(options: TeacherCacheOptions): Promise<Float32Array> {
  const { cacheFolder, datasetVersion, teacherDigest, elements } = options;
  const name = `${datasetVersion}-train-${teacherDigest.slice(0, 16)}.safetensors`;
  const path = join(cacheFolder, 'teacher-logits', name);
  const kept = readLogits(path);
  if (kept !== null && kept.length === elements) return kept;
  // Of several trainings at once one asks the teacher, and the others wait for it.
  return withBuildLock(path, async () => {
    const built = readLogits(path);
    if (built !== null && built.length === elements) return built;
    const logits = await options.compute();
    saveSafetensors(path, new Map([['logits', float32Tensor([elements], logits)]]));
    return logits;
  });
}

/** null if there is no file or a damaged one, which is then written again. */
function readLogits(path: string): Float32Array | null {
  try {
    const data = loadSafetensors(path).tensors.get('logits')?.data;
    return data instanceof Float32Array ? data : null;
  } catch (error) {
    if (isAppError(error) && (error.code === 'FILE_NOT_FOUND' || error.code === 'FILE_CORRUPT')) return null;
    throw error;
  }
}
