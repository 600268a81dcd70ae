// An encoder with a head, as training uses it, for all families: whole, with adapters, or with a linear head.
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
  /** First weights by parameter name; the same on every call, so that the caller need not keep them. */
  loadWeights(): Map<string, TensorData>;
  /** config.json in the family's spelling. */
  formatConfig(): Record<string, unknown>;
  /** The model as it is saved, if that is not as it is trained: adapters merged, a linear head folded. */
  readonly saved?: SavedForm;
  /** Encoder and head as two graphs; absent if the encoder cannot be run once for all epochs. */
  readonly parts?: EncoderParts;
}

export interface SavedForm {
  build(options: GraphOptions): ModelGraph;
  /** Converts weights of the trained graph into weights of this one. */
  convert(weights: ReadonlyMap<string, TensorData>): Map<string, TensorData>;
  /** Writes additional files, such as adapters. */
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

/** An encoder that is trained whole, starting from the weights of `createWeights`. */
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
