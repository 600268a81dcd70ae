// An encoder whose attention heads can be pruned: its definition and its weights, read from a trained model's folder.
import { join } from 'node:path';
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import type { TensorData } from '../../engine/graph/index.ts';
import {
  type EncoderDefinition,
  type HeadedWeight,
  type HeadOptions,
  loadEncoderDefinition,
  loadSafetensors,
} from '../models/index.ts';

export interface PrunableEncoder extends Pick<EncoderDefinition, 'layers' | 'heads'> {
  /** Dh */
  readonly headWidth: number;
  readonly weights: ReadonlyMap<string, TensorData>;
  /** The model for inference, without dropout. */
  build(options: HeadOptions & { readonly idsType: 'int32' | 'int64' }): ModelGraph;
  /** The weights of a layer that have a part for each head; the last is the projection that reads the heads. */
  headedWeights(layer: number): readonly HeadedWeight[];
}

/** @throws MODEL_UNSUPPORTED, FILE_NOT_FOUND, FILE_CORRUPT */
export function loadPrunableEncoder(
  folder: string,
  { classNames }: { readonly classNames: readonly string[] },
): PrunableEncoder {
  const weights = loadSafetensors(join(folder, 'model.safetensors')).tensors;
  const definition = loadEncoderDefinition(folder);
  const { layers, heads, width } = definition;
  return {
    layers,
    heads,
    headWidth: width / heads,
    weights,
    build: (options) => definition.build({ ...options, training: false, classNames }),
    headedWeights: (layer) => definition.listHeadedWeights(layer),
  };
}
