// A post-norm encoder as an EncoderDefinition.

import { formatLabels } from '../config-file.ts';
import type { EncoderDefinition, HeadedWeight } from '../encoder-definition.ts';
import { listPostNormAdapted } from './adapted.ts';
import { buildPostNorm } from './graph.ts';
import { buildPostNormHead } from './head.ts';
import type { PostNormConfig } from './layout.ts';
import { createLinearHead, foldLinearHead } from './linear-head.ts';

/** What the rest of the program needs of an encoder of these sizes. */
export function definePostNorm(config: PostNormConfig): EncoderDefinition {
  const { layout, dropout, kept = {}, ...sizes } = config;
  const { names, head, prefix, bareRoots } = layout;
  return {
    family: layout.family,
    layers: config.layers,
    heads: config.heads,
    width: config.width,
    vocabularySize: config.vocabularySize,
    maxPositions: config.maxPositions,
    padId: config.padId,
    dropout,
    sizes: { family: layout.family, ...sizes },
    words: { name: names.words, shape: [config.vocabularySize, config.width] },
    headModules: [head.dense, head.classifier],
    adapterHead: layout.adapterHead,
    linearHead:
      head.activation === 'Relu'
        ? {
            create: (classNames, seed) => createLinearHead(config, classNames, seed),
            fold: (weights, classNames) => foldLinearHead(weights, config, classNames),
          }
        : { obstacle: 'whose saved form puts a tanh between encoder and classifier' },
    build: (options) => buildPostNorm(config, options),
    buildHead: (options) => buildPostNormHead(config, options),
    formatConfig: (options) => ({
      ...kept,
      ...layout.formatConfig(config, options.dropout),
      initializer_range: 0.02,
      vocab_size: config.vocabularySize,
      max_position_embeddings: config.maxPositions + (config.positionOffset ?? 0),
      pad_token_id: config.padId,
      ...formatLabels(options.classNames),
    }),
    listHeadedWeights: (index) => {
      const { query, key, value, attended } = names.layer(index);
      const byRows = [query, key, value].flatMap((name) => [`${name}.weight`, `${name}.bias`]);
      return [
        ...byRows.map((name): HeadedWeight => ({ name, axis: 0, repeats: 1 })),
        { name: `${attended}.weight`, axis: 1, repeats: 1 },
      ];
    },
    listAdapted: (targets) => listPostNormAdapted(config, targets),
    modernizeName: (stored) => {
      const renamed = stored
        .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
        .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
      return bareRoots.test(renamed) ? `${prefix}${renamed}` : renamed;
    },
    isUsualLeftover: (name) => /\.position_ids$/.test(name) || layout.leftovers.test(name),
  };
}
