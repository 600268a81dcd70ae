// The learner of a sparse model. It takes one small step per article: a step of the loop takes the articles of its batches in
// order, at one learning rate, so the batch size changes only how often the rate falls. Class weights scale the step of an
// article. The loss of an article is checked before the update; earlier articles of the same step are learned by then.

import { PROGRAM_NAMES, writeOnnx } from '../../engine/graph/index.ts';
import { lowerToOnnx } from '../../engine/ops/index.ts';
import { appError, writeFileAtomic } from '../../foundation/core/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import { type SparseModel, saveSafetensors } from '../models/index.ts';
import { compareExport } from './export-check.ts';
import type { Learner, LearnerOptions, ModelFiles } from './learner.ts';

/**
 * Creates the learner of an untrained model.
 * @param kind  the user's choice, for messages
 * @throws OPTIMIZER_UNSUPPORTED
 */
export function createSparseLearner(options: LearnerOptions, kind: string, model: SparseModel): Learner {
  const { classNames, optimizer, labelSmoothing } = options;
  if (optimizer.kind !== 'sgd' || optimizer.momentum !== 0) {
    const got = optimizer.kind === 'sgd' ? `sgd with momentum ${optimizer.momentum}` : optimizer.kind;
    throw appError('OPTIMIZER_UNSUPPORTED', { model: kind, expected: 'sgd without momentum', got });
  }
  const classes = classNames.length;
  const classWeights = Float64Array.from(classNames, (_, c) => options.classWeights?.[c] ?? 1);
  const clipNorm = options.clipNorm ?? Number.POSITIVE_INFINITY;
  const computeLogits = (batch: Batch): Float32Array => computeBatchLogits(model, classes, batch);
  return {
    family: model.family,
    parameterCount: model.parameterCount,
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
          const loss = model.update(inputIds, start, end, labels[row]!, update);
          if (!Number.isFinite(loss))
            throw appError('LOSS_NOT_FINITE', { loss: `${loss}`, step, learningRate });
          total += loss;
          weight += classWeights[labels[row]!]!;
        }
      }
      return { loss: total / weight, gradientNorm: null };
    },
    computeLogits: async (batch) => computeLogits(batch),
    saveState: async () => model.copyState(),
    loadState: async (state) => {
      const problem = model.restoreState(state);
      if (problem !== null) throw appError('CHECKPOINT_MISMATCH', { path: `${kind} model`, ...problem });
    },
    exportModel: (folder, probe) => exportSparse(folder, probe, model, computeLogits),
    dispose: async () => {},
  };
}

/** @returns [B, C] */
function computeBatchLogits(
  model: SparseModel,
  classes: number,
  { size, length, inputIds, attentionMask }: Batch,
): Float32Array {
  const logits = new Float32Array(size * classes);
  for (let row = 0; row < size; row++) {
    const start = row * length;
    const end = endOfRow(attentionMask, start, length);
    model.computeLogits(inputIds, start, end, logits, row * classes);
  }
  return logits;
}

/** Where padding begins; it is always at the end of a row. */
function endOfRow(attentionMask: Int32Array, start: number, length: number): number {
  let end = start + length;
  while (end > start && attentionMask[end - 1] === 0) end--;
  return end;
}

async function exportSparse(
  folder: string,
  probe: readonly Batch[],
  model: SparseModel,
  computeLogits: (batch: Batch) => Float32Array,
): Promise<ModelFiles> {
  const { graph, weights, config } = model.exportFiles();
  const outputs = { [PROGRAM_NAMES.logits]: graph.logits };
  const onnx = writeOnnx(lowerToOnnx(graph.b.graph, { outputs, weights, name: 'classifier' }));
  const onnxPath = `${folder}/onnx/model.onnx`;
  writeFileAtomic(onnxPath, onnx);
  writeFileAtomic(`${folder}/config.json`, `${JSON.stringify(config, null, 2)}\n`);
  saveSafetensors(`${folder}/model.safetensors`, weights, { format: 'pt' });
  return compareExport(onnxPath, probe, async (batch) => computeLogits(batch));
}
