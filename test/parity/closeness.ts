// Shared code of the comparisons with PyTorch: a batch as the reference scripts write it, sums of rows, and the difference
// of two tensors.
import { expect } from 'vitest';
import type { OptimizerOptions } from '../../src/engine/optim/optimizer.ts';
import type { TrainingBatch } from '../../src/engine/runtime/training/training-step.ts';

/** A batch in the form of the reference scripts: ids and mask by article, and one label for each. */
export interface ReferenceBatch {
  readonly inputIds: readonly (readonly number[])[];
  readonly attentionMask: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** The settings with which the reference scripts train. */
export const REFERENCE_ADAMW: OptimizerOptions = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

/** The batch for a trainer; each article weighs the same. */
export function createTrainingBatch(
  { inputIds, attentionMask, labels }: ReferenceBatch,
  classes: number,
): TrainingBatch {
  const targets = new Float32Array(labels.length * classes);
  for (const [i, label] of labels.entries()) targets[i * classes + label] = 1;
  return {
    inputIds: Int32Array.from(inputIds.flat()),
    attentionMask: Int32Array.from(attentionMask.flat()),
    size: labels.length,
    length: inputIds[0]!.length,
    targets,
    articleWeights: new Float32Array(labels.length).fill(1 / labels.length),
  };
}

/** Sums updates [N, D] into the rows of a table [rows, D] that `indices` [N] names. */
export function scatter(
  updates: Float32Array,
  indices: Int32Array,
  rows: number,
  width: number,
): Float32Array {
  const table = new Float32Array(rows * width);
  for (const [n, row] of indices.entries()) {
    for (let d = 0; d < width; d++) table[row * width + d]! += updates[n * width + d]!;
  }
  return table;
}

/** Expects the largest difference of two tensors to be below `tolerance`; the difference of a NaN is infinite. */
export function expectClose(
  found: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  tolerance: number,
  what: string,
): void {
  expect(found.length, what).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Number(found[i]) - Number(expected[i]));
    largest = Number.isFinite(difference) ? Math.max(largest, difference) : Number.POSITIVE_INFINITY;
  }
  expect(largest, `largest difference in ${what}`).toBeLessThan(tolerance);
}
