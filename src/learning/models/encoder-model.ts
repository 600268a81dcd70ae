// An encoder with a head as training sees it, whichever family it is of: whole, with adapters, or with a linear head.
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import type { TensorData, Value } from '../../engine/graph/index.ts';
import type { GraphBuilder } from '../../engine/ops/index.ts';
import type { EncoderDefinition, GraphOptions } from './encoder-definition.ts';

export interface EncoderModel {
  readonly family: string;
  /** L */
  readonly layers: number;
  /** The model as it is trained. */
  build(options: GraphOptions): ModelGraph;
  /** First weights by parameter name; the same each time, read or made anew so that none have to be kept. */
  loadWeights(): Map<string, TensorData>;
  /** config.json in the family's spelling. */
  formatConfig(): Record<string, unknown>;
  /** The model as files hold it, where that is not as it was trained: adapters merged, a linear head folded. */
  readonly saved?: SavedForm;
  /** Encoder and head apart, where the encoder can be run once for all epochs. */
  readonly parts?: EncoderParts;
}

export interface SavedForm {
  build(options: GraphOptions): ModelGraph;
  /** From the weights of the trained graph to those of this one. */
  convert(weights: ReadonlyMap<string, TensorData>): Map<string, TensorData>;
  /** Files that go beside the model's own, such as adapters; none if left out. */
  saveBeside?(folder: string, weights: ReadonlyMap<string, TensorData>): void;
}

export interface EncoderParts {
  /** Hash of the encoder's weights and sizes. */
  readonly digest: string;
  /** D */
  readonly width: number;
  /** T, at most. */
  readonly maxPositions: number;
  /** Without dropout; `pooled` is [B, D]. */
  buildEncoder(): { readonly b: GraphBuilder; readonly pooled: Value };
  /** The head over a frozen parameter `tableName` [rows, D], in which `inputIds` [B, 1] are rows. */
  buildHead(options: { readonly training: boolean; readonly rows: number }): ModelGraph;
  readonly tableName: string;
}

/** An encoder that is trained whole, from the weights that `createWeights` gives. */
export function createScratchModel(
  definition: EncoderDefinition,
  classNames: readonly string[],
  createWeights: () => Map<string, TensorData>,
): EncoderModel {
  const { family, layers, dropout } = definition;
  return {
    family,
    layers,
    build: (options) => definition.build({ ...options, classNames }),
    loadWeights: createWeights,
    formatConfig: () => definition.formatConfig({ classNames, dropout }),
  };
}
