// The learner of a sparse model. It takes one small step per article: a step of the loop takes the articles of its batches in
// order, at one learning rate, so the batch size changes only how often the rate falls. Class weights scale the step of an
// article. The loss of an article is checked before the update; earlier articles of the same step are learned by then.

import { PROGRAM_NAMES, writeOnnx } from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import { appError, writeFileAtomic } from '../../foundation/core/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import {
  buildLinear,
  computeSparseLogits,
  copyState,
  createSparseSoftmax,
  foldScores,
  formatLinearConfig,
  restoreState,
  SCORES,
  type SparseSoftmax,
  saveSafetensors,
  updateSparseSoftmax,
} from '../models/index.ts';
import { compareExport } from './export-check.ts';
import type { Learner, LearnerOptions, ModelFiles } from './learner.ts';

export interface SparseModelOptions {
  /** The choice, for messages. */
  readonly kind: string;
  readonly family: string;
  /** D */
  readonly dim: number;
  /** Rows of the feature table: the encoder's vocabularySize. */
  readonly buckets: number;
}

/** Creates an untrained model; memory is taken as features are met. @throws OPTIMIZER_UNSUPPORTED */
export function createSparseLearner(
  options: LearnerOptions,
  { kind, family, dim, buckets }: SparseModelOptions,
): Learner {
  const { seed, classNames, optimizer, labelSmoothing } = options;
  if (optimizer.kind !== 'sgd' || optimizer.momentum !== 0) {
    const got = optimizer.kind === 'sgd' ? `sgd with momentum ${optimizer.momentum}` : optimizer.kind;
    throw appError('OPTIMIZER_UNSUPPORTED', { model: kind, expected: 'sgd without momentum', got });
  }
  const classes = classNames.length;
  const model = createSparseSoftmax(buckets, dim, classes, seed);
  const classWeights = Float64Array.from(classNames, (_, c) => options.classWeights?.[c] ?? 1);
  const clipNorm = options.clipNorm ?? Number.POSITIVE_INFINITY;
  const computeLogits = (batch: Batch): Float32Array => computeBatchLogits(model, batch);
  return {
    family,
    parameterCount: buckets * dim + classes * dim,
    step: async (batches, { step, learningRate }) => {
      const update = {
        learningRate,
        weightDecay: optimizer.weightDecay,
        labelSmoothing,
        classWeights,
        clipNorm,
      };
      let total = 0;
      let weight = 0;
      for (const { size, length, inputIds, attentionMask, labels } of batches) {
        for (let row = 0; row < size; row++) {
          const start = row * length;
          const end = endOfRow(attentionMask, start, length);
          const loss = updateSparseSoftmax(model, inputIds, start, end, labels[row]!, update);
          if (!Number.isFinite(loss))
            throw appError('LOSS_NOT_FINITE', { loss: `${loss}`, step, learningRate });
          total += loss;
          weight += classWeights[labels[row]!]!;
        }
      }
      return { loss: total / weight, gradientNorm: null };
    },
    computeLogits: async (batch) => computeLogits(batch),
    saveState: async () => copyState(model),
    loadState: async (state) => {
      const problem = restoreState(model, state);
      if (problem !== null) throw appError('CHECKPOINT_MISMATCH', { path: `${kind} model`, ...problem });
    },
    exportModel: (folder, probe) => exportLinear(folder, probe, model, classNames),
    dispose: async () => {},
  };
}

/** @returns [B, C] */
function computeBatchLogits(
  model: SparseSoftmax,
  { size, length, inputIds, attentionMask }: Batch,
): Float32Array {
  const logits = new Float32Array(size * model.classes);
  for (let row = 0; row < size; row++) {
    const start = row * length;
    const end = endOfRow(attentionMask, start, length);
    computeSparseLogits(model, inputIds, start, end, logits, row * model.classes);
  }
  return logits;
}

/** Where padding begins; it is always at the end of a row. */
function endOfRow(attentionMask: Int32Array, start: number, length: number): number {
  let end = start + length;
  while (end > start && attentionMask[end - 1] === 0) end--;
  return end;
}

async function exportLinear(
  folder: string,
  probe: readonly Batch[],
  model: SparseSoftmax,
  classNames: readonly string[],
): Promise<ModelFiles> {
  const weights = new Map([[SCORES, foldScores(model)]]);
  const { b, logits } = buildLinear(model.buckets, model.classes);
  const onnxPath = `${folder}/onnx/model.onnx`;
  writeFileAtomic(
    onnxPath,
    writeOnnx(
      lowerToOnnx(b.graph, { outputs: { [PROGRAM_NAMES.logits]: logits }, weights, name: 'classifier' }),
    ),
  );
  writeFileAtomic(
    `${folder}/config.json`,
    `${JSON.stringify(formatLinearConfig(model, classNames), null, 2)}\n`,
  );
  saveSafetensors(`${folder}/model.safetensors`, weights, { format: 'pt' });
  return compareExport(onnxPath, probe, async (batch) => computeBatchLogits(model, batch));
}
