// What the training loop needs of a model. One loop drives every family; a learner hides how it learns
// (compiled graph in a worker thread, or the linear model's own sparse loop).
import type { TensorData } from '../../engine/graph/index.ts';
import type { OptimizerOptions } from '../../engine/optim/index.ts';
import type { Device } from '../../engine/runtime/session/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import type { Distillation } from './distillation.ts';

export type { OptimizerOptions } from '../../engine/optim/index.ts';

export interface StepResult {
  /** Mean cross-entropy over the articles of the step, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient before clipping; null where the learner has no dense gradient. */
  readonly gradientNorm: number | null;
  /** Largest memory so far, in bytes; absent: the process's, where the loop runs. */
  readonly peakMemoryBytes?: number;
}

/** Everything needed to go on bit-identically: weights and optimizer state by name. */
export type LearnerState = ReadonlyMap<string, TensorData>;

export interface ModelFiles {
  /** max |delta logit| between what was trained and what was exported. */
  readonly maxLogitDifference: number;
  readonly articles: number;
}

export interface Learner {
  /** Its name in the table of families. */
  readonly family: string;
  readonly parameterCount: number;
  /** Device and what each step copies to and from it, in words; absent: the processor. */
  readonly placement?: string;
  /**
   * One optimizer step over `batches` (more than one = gradient accumulation; the gradient is the mean over all
   * their articles). Everything random in it follows from (seed, step).
   * @param step  counts from 0
   * @throws LOSS_NOT_FINITE, before anything was updated
   */
  step(batches: readonly Batch[], options: { step: number; learningRate: number }): Promise<StepResult>;
  /** Logits without dropout. @returns [B, C] */
  computeLogits(batch: Batch): Promise<Float32Array>;
  /** A copy of the state; later steps do not change it. */
  saveState(): Promise<LearnerState>;
  /** @throws CHECKPOINT_MISMATCH when names or shapes are not this learner's */
  loadState(state: LearnerState): Promise<void>;
  /**
   * Writes config.json, model.safetensors and onnx/model.onnx for inference into `folder`, and compares the exported
   * model's logits with the trained ones on `probe`.
   * @throws EXPORT_MISMATCH if they differ by 1e-4 or more
   */
  exportModel(folder: string, probe: readonly Batch[]): Promise<ModelFiles>;
  dispose(): Promise<void>;
}

export interface LearnerOptions {
  readonly seed: number;
  readonly classNames: readonly string[];
  /** [C] weight of each class in the loss, or null. */
  readonly classWeights: readonly number[] | null;
  /** In [0, 1): share of the target spread evenly over the classes. */
  readonly labelSmoothing: number;
  /** Gradients are scaled down to this global norm; null = not clipped. */
  readonly clipNorm: number | null;
  readonly optimizer: OptimizerOptions;
  readonly threads: number;
  /** A teacher to learn from beside the labels; default none. */
  readonly distillation?: Distillation | null;
  /** Where graphs run; default cpu. Learners without a graph of their own stay on the processor. */
  readonly device?: Device;
}
