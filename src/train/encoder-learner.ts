// A transformer encoder as a learner: compiled once, stepped in a worker thread.
import { writeFileAtomic } from '../core/atomic-file.ts';
import { appError } from '../core/errors.ts';
import { compileTrainingProgram } from '../engine/autodiff/training-program.ts';
import { writeOnnx } from '../engine/graph/onnx-writer.ts';
import { PROGRAM_NAMES } from '../engine/graph/program.ts';
import { countElements, type TensorData } from '../engine/graph/tensor.ts';
import { lowerToOnnx } from '../engine/ops/lower.ts';
import { createInferenceSession } from '../engine/runtime/inference-session.ts';
import type { TrainingBatch } from '../engine/runtime/trainer.ts';
import { createTrainingSession, type TrainingSession } from '../engine/runtime/training-session.ts';
import { formatModernBertConfig, type ModernBertConfig } from '../models/modernbert/config.ts';
import { buildModernBert } from '../models/modernbert/graph.ts';
import { createModernBertWeights } from '../models/modernbert/weights.ts';
import { saveSafetensors } from '../models/safetensors.ts';
import type { Batch } from '../tokenize/article-encoder.ts';
import type { Learner, LearnerOptions, ModelFiles } from './learner.ts';

/** Exported and trained logits may differ by this much at most: two orderings of the same float32 sums. */
const MAX_LOGIT_DIFFERENCE = 1e-4;

/** Compiles the model and starts its worker. @throws ENGINE_FAILED */
export async function createEncoderLearner(
  options: LearnerOptions,
  config: ModernBertConfig,
): Promise<Learner> {
  const { seed, threads, optimizer, clipNorm } = options;
  const program = compileTrainingProgram(
    buildModernBert(config, { training: true, idsType: 'int32' }),
    buildModernBert(config, { training: false, idsType: 'int32' }),
  );
  const weights = createModernBertWeights(config, seed);
  const session = await createTrainingSession({ program, weights, optimizer, clipNorm, seed, threads });
  return {
    family: 'modernbert',
    parameterCount: [...weights.values()].reduce((total, { shape }) => total + countElements(shape), 0),
    step: async (batches, stepOptions) => {
      const { loss, gradientNorm } = await session.step(buildTrainingBatches(batches, options), stepOptions);
      return { loss, gradientNorm };
    },
    computeLogits: (batch) => session.computeLogits(batch),
    saveState: () => session.saveState(),
    loadState: (state) => session.loadState(state),
    exportModel: (folder, probe) => exportModernBert(folder, probe, config, session),
    dispose: () => session.dispose(),
  };
}

/**
 * Adds soft targets and each article's share of the loss.
 * With class weights the loss is sum(w_y * loss) / sum(w_y), as PyTorch's weighted mean.
 */
export function buildTrainingBatches(
  batches: readonly Batch[],
  {
    classNames,
    classWeights,
    labelSmoothing,
  }: Pick<LearnerOptions, 'classNames' | 'classWeights' | 'labelSmoothing'>,
): TrainingBatch[] {
  const classes = classNames.length;
  const weightOf = (label: number): number => classWeights?.[label] ?? 1;
  let total = 0;
  for (const { labels } of batches) for (const label of labels) total += weightOf(label);
  return batches.map(({ inputIds, attentionMask, size, length, labels }) => {
    const targets = new Float32Array(size * classes).fill(labelSmoothing / classes);
    for (const [i, label] of labels.entries()) targets[i * classes + label]! += 1 - labelSmoothing;
    const articleWeights = Float32Array.from(labels, (label) => weightOf(label) / total);
    return { inputIds, attentionMask, size, length, targets, articleWeights };
  });
}

async function exportModernBert(
  folder: string,
  probe: readonly Batch[],
  config: ModernBertConfig,
  session: TrainingSession,
): Promise<ModelFiles> {
  const state = await session.saveState();
  const { b, logits } = buildModernBert(config, { training: false, idsType: 'int64' });
  const weights = new Map<string, TensorData>(b.graph.parameters.map(({ name }) => [name, state.get(name)!]));
  const onnx = writeOnnx(
    lowerToOnnx(b.graph, { outputs: { [PROGRAM_NAMES.logits]: logits }, weights, name: 'classifier' }),
  );
  const onnxPath = `${folder}/onnx/model.onnx`;
  writeFileAtomic(`${folder}/config.json`, `${JSON.stringify(formatModernBertConfig(config), null, 2)}\n`);
  saveSafetensors(`${folder}/model.safetensors`, weights, { format: 'pt' });
  writeFileAtomic(onnxPath, onnx);
  return compareLogits(onnxPath, probe, session);
}

/** Runs the written file on the probe. @throws EXPORT_MISMATCH */
async function compareLogits(
  onnxPath: string,
  probe: readonly Batch[],
  session: TrainingSession,
): Promise<ModelFiles> {
  const exported = await createInferenceSession(onnxPath, { threads: 0 });
  let articles = 0;
  let largest = 0;
  try {
    for (const batch of probe) {
      const trained = await session.computeLogits(batch);
      const shape = [batch.size, batch.length];
      const outputs = await exported.run({
        [PROGRAM_NAMES.inputIds]: { dtype: 'int64', shape, data: BigInt64Array.from(batch.inputIds, BigInt) },
        [PROGRAM_NAMES.attentionMask]: {
          dtype: 'int64',
          shape,
          data: BigInt64Array.from(batch.attentionMask, BigInt),
        },
      });
      const found = outputs[PROGRAM_NAMES.logits]!.data as Float32Array;
      for (const [i, logit] of found.entries()) {
        const difference = Math.abs(logit - trained[i]!);
        // NaN must not pass for small.
        if (!(difference < MAX_LOGIT_DIFFERENCE)) {
          throw appError('EXPORT_MISMATCH', { path: onnxPath, difference, limit: MAX_LOGIT_DIFFERENCE });
        }
        largest = Math.max(largest, difference);
      }
      articles += batch.size;
    }
  } finally {
    await exported.dispose();
  }
  return { maxLogitDifference: largest, articles };
}
