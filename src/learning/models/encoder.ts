// What training needs of an encoder, whichever family it is of.
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import type { TensorData, Value } from '../../engine/graph/index.ts';
import type { GraphBuilder } from '../../engine/ops/index.ts';
import { formatModernBertConfig, type ModernBertConfig } from './modernbert/config.ts';
import { buildModernBert } from './modernbert/graph.ts';
import { createModernBertWeights } from './modernbert/weights.ts';

export interface BuildOptions {
  readonly training: boolean;
  readonly idsType: 'int32' | 'int64';
}

export interface EncoderModel {
  readonly family: 'modernbert' | 'distilbert' | 'bert';
  /** L */
  readonly layers: number;
  /** The model as it is trained. */
  build(options: BuildOptions): ModelGraph;
  /** First weights by parameter name; the same each time, read or made anew so that nobody has to keep them. */
  loadWeights(): Map<string, TensorData>;
  /** config.json in the family's spelling. */
  formatConfig(): Record<string, unknown>;
  /** The model as files hold it, where that is not as it was trained: adapters merged, a linear head folded. */
  readonly saved?: SavedForm;
  /** Encoder and head apart, where the encoder can be run once for all epochs. */
  readonly parts?: EncoderParts;
}

export interface SavedForm {
  build(options: BuildOptions): ModelGraph;
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

/** ModernBERT with weights from the seed. */
export function createModernBert(config: ModernBertConfig, seed: number): EncoderModel {
  return {
    family: 'modernbert',
    layers: config.layers,
    build: (options) => buildModernBert(config, options),
    loadWeights: () => createModernBertWeights(config, seed),
    formatConfig: () => formatModernBertConfig(config),
  };
}
