// The linear model as a SparseModel.
import type { SparseModel } from '../sparse-model.ts';
import { buildLinear, foldScores, formatLinearConfig, SCORES } from './model-files.ts';
import { computeSparseLogits, createSparseSoftmax, updateSparseSoftmax } from './sparse-softmax.ts';
import { copyState, restoreState } from './state.ts';

export interface LinearModelOptions {
  /** D */
  readonly dim: number;
  /** Rows of the feature table: the encoder's vocabularySize. */
  readonly buckets: number;
  readonly classNames: readonly string[];
  readonly seed: number;
}

/** Creates an untrained model. It takes memory as features occur. */
export function createLinearModel({ dim, buckets, classNames, seed }: LinearModelOptions): SparseModel {
  const classes = classNames.length;
  const model = createSparseSoftmax(buckets, dim, classes, seed);
  return {
    family: 'linear',
    parameterCount: buckets * dim + classes * dim,
    update: (ids, start, end, label, options) => updateSparseSoftmax(model, ids, start, end, label, options),
    computeLogits: (ids, start, end, logits, at) => computeSparseLogits(model, ids, start, end, logits, at),
    copyState: () => copyState(model),
    restoreState: (state) => restoreState(model, state),
    exportFiles: () => ({
      graph: buildLinear(buckets, classes),
      weights: new Map([[SCORES, foldScores(model)]]),
      config: formatLinearConfig(model, classNames),
    }),
  };
}
