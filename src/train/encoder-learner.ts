// A transformer encoder as a learner: compiled once, stepped in a worker thread.
import { writeFileAtomic } from '../core/atomic-file.ts';
import { compileTrainingProgram } from '../engine/autodiff/training-program.ts';
import { writeOnnx } from '../engine/graph/onnx-writer.ts';
import { PROGRAM_NAMES } from '../engine/graph/program.ts';
import { countElements, type TensorData } from '../engine/graph/tensor.ts';
import { lowerToOnnx } from '../engine/ops/lower.ts';
import { countStepCopies, describeStepCopies } from '../engine/runtime/device-copies.ts';
import type { TrainingBatch } from '../engine/runtime/trainer.ts';
import { createTrainingSession, type TrainingSession } from '../engine/runtime/training-session.ts';
import type { EncoderModel } from '../models/encoder.ts';
import { saveSafetensors } from '../models/safetensors.ts';
import type { Batch } from '../tokenize/article-encoder.ts';
import { compareExport } from './export-check.ts';
import type { Learner, LearnerOptions, ModelFiles } from './learner.ts';

export interface EncoderLearnerOptions {
  /** By parameter name; the others stay as they are and cost no gradient. Default: all. */
  readonly isTrained?: (name: string) => boolean;
}

/** Compiles the model and starts its worker. @throws ENGINE_FAILED */
export async function createEncoderLearner(
  options: LearnerOptions,
  model: EncoderModel,
  { isTrained }: EncoderLearnerOptions = {},
): Promise<Learner> {
  const { seed, threads, device = 'cpu', optimizer, clipNorm } = options;
  const program = compileTrainingProgram(
    model.build({ training: true, idsType: 'int32' }),
    model.build({ training: false, idsType: 'int32' }),
    isTrained,
  );
  const session = await createTrainingSession({
    program,
    weights: model.loadWeights(),
    optimizer,
    clipNorm,
    seed,
    threads,
    device,
  });
  return {
    family: model.family,
    parameterCount: [...program.parameters, ...program.frozen].reduce(
      (total, { shape }) => total + countElements(shape),
      0,
    ),
    ...(device === 'cpu'
      ? {}
      : { placement: `${device}; ${describeStepCopies(countStepCopies(program, device))}` }),
    step: async (batches, stepOptions) => {
      const step = await session.step(buildTrainingBatches(batches, options), stepOptions);
      return { loss: step.loss, gradientNorm: step.gradientNorm, peakMemoryBytes: step.peakMemoryBytes };
    },
    computeLogits: (batch) => session.computeLogits(batch),
    saveState: () => session.saveState(),
    loadState: (state) => session.loadState(state),
    exportModel: (folder, probe) => exportEncoder(folder, probe, model, session),
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

async function exportEncoder(
  folder: string,
  probe: readonly Batch[],
  model: EncoderModel,
  session: TrainingSession,
): Promise<ModelFiles> {
  const trained = await session.saveState();
  const { b, logits } = model.build({ training: false, idsType: 'int64' });
  const names = b.graph.parameters.map(({ name }) => name);
  // What was frozen is not in the state: it still is what it was at the start.
  const first = names.every((name) => trained.has(name)) ? trained : model.loadWeights();
  const weights = new Map<string, TensorData>(
    names.map((name) => [name, trained.get(name) ?? first.get(name)!]),
  );
  const onnx = writeOnnx(
    lowerToOnnx(b.graph, { outputs: { [PROGRAM_NAMES.logits]: logits }, weights, name: 'classifier' }),
  );
  const onnxPath = `${folder}/onnx/model.onnx`;
  writeFileAtomic(`${folder}/config.json`, `${JSON.stringify(model.formatConfig(), null, 2)}\n`);
  saveSafetensors(`${folder}/model.safetensors`, weights, { format: 'pt' });
  writeFileAtomic(onnxPath, onnx);
  return compareExport(onnxPath, probe, (batch) => session.computeLogits(batch));
}
