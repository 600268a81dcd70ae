// A trained encoder's folder as something whose attention heads can be measured and cut. The only file here that knows
// families: where a head's rows and columns lie among the weights.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelGraph } from '../../engine/autodiff/index.ts';
import type { TensorData } from '../../engine/graph/index.ts';
import type { ModelFolder } from '../../foundation/records/index.ts';
import type { HeadOptions } from '../models/index.ts';
import {
  BERT_NAMES,
  buildBert,
  buildModernBert,
  loadSafetensors,
  parseBertConfig,
  parseModernBertConfig,
} from '../models/index.ts';

/** A weight that has a part for each head. */
export interface HeadedWeight {
  readonly name: string;
  /** Heads follow each other along the rows (0) or the columns (1). */
  readonly axis: 0 | 1;
  /** How many times all heads follow each other: 3 where queries, keys and values share one matrix. */
  readonly repeats: number;
}

export interface PrunableEncoder {
  /** L */
  readonly layers: number;
  /** H of every layer. */
  readonly heads: number;
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
  { family, classNames }: Pick<ModelFolder, 'family' | 'classNames'>,
): PrunableEncoder {
  const weights = loadSafetensors(join(folder, 'model.safetensors')).tensors;
  const where = join(folder, 'config.json');
  const json: unknown = JSON.parse(readFileSync(where, 'utf8'));
  if (family === 'modernbert') {
    const config = parseModernBertConfig(json, where, classNames);
    return {
      layers: config.layers,
      heads: config.heads,
      headWidth: config.width / config.heads,
      weights,
      build: (options) => buildModernBert(config, { ...options, training: false }),
      headedWeights: (layer) => [
        { name: `model.layers.${layer}.attn.Wqkv.weight`, axis: 0, repeats: 3 },
        { name: `model.layers.${layer}.attn.Wo.weight`, axis: 1, repeats: 1 },
      ],
    };
  }
  const config = { ...parseBertConfig(json, where), classNames };
  return {
    layers: config.layers,
    heads: config.heads,
    headWidth: config.width / config.heads,
    weights,
    build: (options) => buildBert(config, { ...options, training: false }),
    headedWeights: (layer) => {
      const { query, key, value, attended } = BERT_NAMES[config.family].layer(layer);
      const byRows = [query, key, value].flatMap((name) => [`${name}.weight`, `${name}.bias`]);
      return [
        ...byRows.map((name): HeadedWeight => ({ name, axis: 0, repeats: 1 })),
        { name: `${attended}.weight`, axis: 1, repeats: 1 },
      ];
    },
  };
}
