// A transformer encoder as a learner: compiled once, stepped in a worker thread.
import { compileTrainingProgram } from '../../engine/autodiff/index.ts';
import { countElements } from '../../engine/graph/index.ts';
import { countStepCopies, formatStepCopies } from '../../engine/runtime/device/index.ts';
import type { TrainingBatch } from '../../engine/runtime/training/index.ts';
import { createTrainingSession } from '../../engine/runtime/training/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import type { EncoderModel } from '../models/index.ts';
import { addTeacher } from './distillation.ts';
import { exportEncoder } from './encoder-export.ts';
import type { Learner, LearnerOptions } from './learner.ts';

export interface EncoderLearnerOptions {
  /** Trained parameters by name; the others are frozen and get no gradient. Default: all. */
  readonly isTrained?: (name: string) => boolean;
  /** Share of the learning rate by parameter name; 1 for names that are absent. */
  readonly learningRateScale?: ReadonlyMap<string, number>;
  /** Gradient checkpointing. Default false. */
  readonly recompute?: boolean;
}

/** Compiles the model and starts its worker. @throws ENGINE_FAILED */
export async function createEncoderLearner(
  options: LearnerOptions,
  model: EncoderModel,
  { isTrained, learningRateScale, recompute = false }: EncoderLearnerOptions = {},
): Promise<Learner> {
  const { seed, threads, device = 'cpu', optimizer, clipNorm } = options;
  const program = compileTrainingProgram(
    model.build({ training: true, idsType: 'int32' }),
    model.build({ training: false, idsType: 'int32' }),
    isTrained,
    { recompute, teacherTemperature: options.distillation?.temperature ?? null },
  );
  const session = await createTrainingSession({
    program,
    weights: model.loadWeights(),
    adoptWeights: true,
    optimizer,
    clipNorm,
    seed,
    threads,
    device,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(learningRateScale === undefined ? {} : { learningRateScale }),
  });
  return {
    family: model.family,
    parameterCount: [...program.parameters, ...program.frozen].reduce(
      (total, { shape }) => total + countElements(shape),
      0,
    ),
    ...(device === 'cpu'
      ? {}
      : { placement: `${device}; ${formatStepCopies(countStepCopies(program, device))}` }),
    step: async (batches, stepOptions) => {
      const step = await session.step(buildTrainingBatches(batches, options), stepOptions);
      const { loss, gradientNorm, peakMemoryBytes, runs, updateMs } = step;
      return {
        ...{ loss, gradientNorm, peakMemoryBytes },
        ...(runs === undefined ? {} : { parts: { runs, updateMs } }),
      };
    },
    computeLogits: (batch) => session.computeLogits(batch),
    saveState: () => session.saveState(),
    loadState: (state) => session.loadState(state),
    exportModel: async (folder, probe) =>
      exportEncoder(folder, probe, model, await session.saveState(), (batch) => session.computeLogits(batch)),
    endProfile: () => session.endProfile(),
    dispose: () => session.dispose(),
  };
}

/**
 * Adds soft targets and each article's share of the loss.
 * With class weights w and label smoothing s the loss is that of PyTorch's cross_entropy: the sum over articles of
 * (1 - s) * w_y * loss_y + s / C * (sum over classes of w_c * loss_c), divided by the sum of w_y.
 */
export function buildTrainingBatches(
  batches: readonly Batch[],
  {
    classNames,
    classWeights,
    labelSmoothing,
    distillation = null,
  }: Pick<LearnerOptions, 'classNames' | 'classWeights' | 'labelSmoothing' | 'distillation'>,
): TrainingBatch[] {
  const classes = classNames.length;
  const weightOf = (label: number): number => classWeights?.[label] ?? 1;
  let total = 0;
  for (const { labels } of batches) for (const label of labels) total += weightOf(label);
  return batches.map(({ inputIds, attentionMask, size, length, labels, rows }) => {
    const targets = new Float32Array(size * classes);
    for (const [i, label] of labels.entries()) {
      // The smoothed share of a class has that class's weight; the article's weight, which is the label's, divides out.
      for (let c = 0; c < classes; c++)
        targets[i * classes + c] = ((labelSmoothing / classes) * weightOf(c)) / weightOf(label);
      targets[i * classes + label]! += 1 - labelSmoothing;
    }
    const articleWeights = Float32Array.from(labels, (label) => weightOf(label) / total);
    const batch = { inputIds, attentionMask, size, length, targets, articleWeights };
    return distillation === null ? batch : addTeacher(batch, rows, classes, distillation);
  });
}
