// A model compiled for training: ONNX bytes, and the names of its weights, batch inputs and dropout masks.
// Plain data, so that it can be sent to a worker thread.
import type { Shape } from './operators.ts';

/** A place where elements are dropped: a graph input that is filled with 0 or 1 / (1 - rate) in each step. */
export interface DropoutSite {
  readonly input: string;
  /** The shape, in terms of B and T. */
  readonly shape: Shape;
  readonly rate: number;
}

export type GradientSource =
  /** An output of the parameter's own shape. */
  | { readonly kind: 'dense'; readonly output: string }
  /** Rows to add to zeros: output [B, T, D], rows given by the graph input `indices` [B, T]. */
  | { readonly kind: 'rows'; readonly output: string; readonly indices: string };

export interface ProgramParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly gradient: GradientSource;
}

export interface FrozenParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface TrainingProgram {
  /**
   * Inputs: inputIds, attentionMask [B, T] int32, targets [B, C], articleWeights [B], dropout masks, parameters; with a
   * teacher teacherTargets [B, C] and teacherWeights [B] too. Outputs: loss, gradients.
   */
  readonly step: Uint8Array;
  /** Inputs: inputIds, attentionMask, parameters. Output: logits [B, C]. */
  readonly forward: Uint8Array;
  readonly parameters: readonly ProgramParameter[];
  /** Parameters that are fed but not trained. */
  readonly frozen: readonly FrozenParameter[];
  readonly dropout: readonly DropoutSite[];
  readonly classes: number;
}

/** Names of the inputs and outputs that every program has. */
export const PROGRAM_NAMES = {
  inputIds: 'input_ids',
  attentionMask: 'attention_mask',
  targets: 'targets',
  articleWeights: 'article_weights',
  teacherTargets: 'teacher_targets',
  teacherWeights: 'teacher_weights',
  loss: 'loss',
  logits: 'logits',
  /** [B, D] the article's vector that the head reads; exported beside the logits. */
  embedding: 'embedding',
} as const;
