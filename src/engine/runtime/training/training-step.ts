// The input and the result of a training step, and the interface of every trainer.
import type { TensorData, TrainingProgram } from '../../graph/index.ts';
import type { OptimizerOptions } from '../../optim/index.ts';
import type { Device } from '../session/index.ts';

export interface TrainerOptions {
  readonly program: TrainingProgram;
  /** Initial weights by parameter name. */
  readonly weights: ReadonlyMap<string, TensorData>;
  readonly optimizer: OptimizerOptions;
  readonly clipNorm: number | null;
  readonly seed: number;
  readonly threads: number;
  /** Where the graphs run; default cpu. device-copies.ts says what crosses between it and the processor. */
  readonly device?: Device;
  /** By parameter name: the factor of the learning rate. Default 1. */
  readonly learningRateScale?: ReadonlyMap<string, number>;
  /** The caller has no further use for `weights`: their arrays may become the trainer's own. */
  readonly adoptWeights?: boolean;
  readonly profile?: TrainingProfile;
}

/** What to measure of a training, and where to write it. */
export interface TrainingProfile {
  /** Absolute; ONNX Runtime appends a time and `.json`. Absent: operators are not measured. */
  readonly operatorsPrefix?: string;
  /** Absolute path of a profile of the training thread by function (.cpuprofile). */
  readonly functionsPath?: string;
}

/** Forward and backward pass of one batch. */
export interface BatchRun {
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  /** Inputs with their dropout masks. */
  readonly maskMs: number;
  readonly graphMs: number;
}

export interface TokenBatch {
  /** [B, T] */
  readonly inputIds: Int32Array;
  /** [B, T] */
  readonly attentionMask: Int32Array;
  /** B */
  readonly size: number;
  /** T */
  readonly length: number;
}

export interface TrainingBatch extends TokenBatch {
  /** [B, C] soft labels. */
  readonly targets: Float32Array;
  /** [B] share of each article in the step's loss; over all batches of a step they sum to 1. */
  readonly articleWeights: Float32Array;
  /** Where the program was compiled with a teacher: [B, C] its softened labels, and [B] each one's weight in the loss. */
  readonly teacher?: { readonly targets: Float32Array; readonly weights: Float32Array };
}

export interface StepOptions {
  /** Counts from 0. */
  readonly step: number;
  readonly learningRate: number;
}

export interface TrainerStep {
  readonly loss: number;
  readonly gradientNorm: number;
  /** Milliseconds: inputs with their dropout masks, forward and backward, optimizer. */
  readonly maskMs: number;
  readonly graphMs: number;
  readonly updateMs: number;
  /** The batches one by one; `maskMs` and `graphMs` are their sums. Trainers on a device leave it out. */
  readonly runs?: readonly BatchRun[];
  /** Largest resident size of the process so far, in bytes. */
  readonly peakMemoryBytes: number;
}

export interface Trainer {
  /**
   * One update from the gradients of all batches together.
   * @throws LOSS_NOT_FINITE, before anything was updated; STEP_INPUT_MISSING
   */
  step(batches: readonly TrainingBatch[], options: StepOptions): Promise<TrainerStep>;
  /** @returns [B, C] */
  computeLogits(batch: TokenBatch): Promise<Float32Array>;
  /** Trained weights and optimizer state, copied; frozen weights are not among them. */
  saveState(): Promise<ReadonlyMap<string, TensorData>>;
  /** @throws CHECKPOINT_MISMATCH, before anything was loaded */
  loadState(state: ReadonlyMap<string, TensorData>): Promise<void>;
  /** Writes what was asked for in `profile`; later steps are not measured. Without a profile it does nothing. */
  endProfile(): Promise<void>;
  dispose(): Promise<void>;
}
