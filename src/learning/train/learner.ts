// The interface between the training loop and a model. One loop trains every family; the learner hides how: with a compiled
// graph in a worker thread, or article by article without a graph.
import type { TensorData } from '../../engine/graph/index.ts';
import type { OptimizerOptions } from '../../engine/optim/index.ts';
import type { Device } from '../../engine/runtime/session/index.ts';
import type { BatchRun, TrainingProfile } from '../../engine/runtime/training/index.ts';
import type { Batch } from '../../text/tokenize/index.ts';
import type { Distillation } from './distillation.ts';

export type { OptimizerOptions } from '../../engine/optim/index.ts';

/** Milliseconds of the parts of a step. */
export interface StepParts {
  /** Batch by batch. */
  readonly runs: readonly BatchRun[];
  readonly updateMs: number;
}

export interface StepResult {
  /** Mean cross-entropy over the articles of the step, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient before clipping; null if the learner has no dense gradient. */
  readonly gradientNorm: number | null;
  /** Peak memory so far, in bytes; absent: that of the loop's process. */
  readonly peakMemoryBytes?: number;
  /** Where the time of the step went; absent where the learner has no graph. */
  readonly parts?: StepParts;
}

/** Everything needed to continue bit-identically: weights and optimizer state by name. */
export type LearnerState = ReadonlyMap<string, TensorData>;

export interface ModelFiles {
  /** max |delta logit| between trained and exported model. */
  readonly maxLogitDifference: number;
  readonly articles: number;
}

export interface Learner {
  /** Its name in the table of families. */
  readonly family: string;
  readonly parameterCount: number;
  /** Text about the device and the copies of each step; absent: the processor. */
  readonly placement?: string;
  /**
   * One optimizer step over `batches` (more than one = gradient accumulation; the gradient is the mean over all
   * their articles). All its random numbers depend on (seed, step) only.
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
  /** Ends the profile of operators and functions, where the learner was created with one, and writes it. */
  endProfile?(): Promise<void>;
  dispose(): Promise<void>;
}

export interface LearnerOptions {
  readonly seed: number;
  readonly classNames: readonly string[];
  /** [C] weight of each class in the loss, or null. */
  readonly classWeights: readonly number[] | null;
  /** Share of the target that is spread evenly over the classes, in [0, 1). */
  readonly labelSmoothing: number;
  /** Gradients are scaled down to this global norm; null = not clipped. */
  readonly clipNorm: number | null;
  readonly optimizer: OptimizerOptions;
  readonly threads: number;
  /** A teacher to learn from beside the labels; default none. */
  readonly distillation?: Distillation | null;
  /** Where graphs run; default cpu. Learners without a graph of their own stay on the processor. */
  readonly device?: Device;
  /** What to measure of the steps; learners without a graph leave it out. */
  readonly profile?: TrainingProfile;
}
