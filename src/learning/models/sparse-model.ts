// A model that learns article by article without a graph, as its learner uses it. For inference it is a graph like others.
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import type { TensorData } from '../../engine/graph/index.ts';

export interface SparseModel {
  /** Its name in the table of families. */
  readonly family: string;
  readonly parameterCount: number;
  /**
   * One step of gradient descent on the article whose features are ids[start, end). Changes nothing if the loss is not finite.
   * @returns the cross-entropy before the update, in nats, weighted and smoothed
   */
  update(ids: Int32Array, start: number, end: number, label: number, options: ArticleUpdate): number;
  /** Writes the logits of the article into logits[at, at + C). */
  computeLogits(ids: Int32Array, start: number, end: number, logits: Float32Array, at: number): void;
  /** A copy of everything that training changes. */
  copyState(): Map<string, TensorData>;
  /** @returns null, or what is wrong with the state; the model is unchanged then */
  restoreState(
    state: ReadonlyMap<string, TensorData>,
  ): { readonly expected: string; readonly got: string } | null;
  /** The model for inference: its graph, the weights of the graph's parameters, and config.json. */
  exportFiles(): {
    readonly graph: ModelGraph;
    readonly weights: Map<string, TensorData>;
    readonly config: Record<string, unknown>;
  };
}

export interface ArticleUpdate {
  readonly learningRate: number;
  /** Rows and outputs shrink by learningRate * weightDecay whenever they are updated. */
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  /** [C] */
  readonly classWeights: Float64Array;
  /** Largest L2 norm of one article's gradient; Infinity = not clipped. */
  readonly clipNorm: number;
}
