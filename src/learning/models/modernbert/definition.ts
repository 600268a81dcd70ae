// A ModernBERT as an EncoderDefinition.
import type { EncoderDefinition } from '../encoder-definition.ts';
import { listModernBertAdapted } from './adapted.ts';
import { formatModernBertConfig, type ModernBertConfig } from './config.ts';
import { buildModernBert, buildModernBertHead } from './graph.ts';

/** What the rest of the program needs of a ModernBERT of these sizes. */
export function defineModernBert(config: ModernBertConfig): EncoderDefinition {
  const { dropout, kept: _, ...sizes } = config;
  return {
    family: 'modernbert',
    layers: config.layers,
    heads: config.heads,
    width: config.width,
    vocabularySize: config.vocabularySize,
    maxPositions: config.maxTokens,
    padId: config.padId,
    dropout,
    sizes: { family: 'modernbert', ...sizes },
    words: { name: 'model.embeddings.tok_embeddings.weight', shape: [config.vocabularySize, config.width] },
    headModules: ['head.dense', 'head.norm', 'classifier'],
    adapterHead: ['head', 'classifier'],
    linearHead: {
      obstacle: 'whose saved form puts a dense layer, GELU and a norm between encoder and classifier',
    },
    build: (options) => buildModernBert(config, options),
    buildHead: (options) => buildModernBertHead(config, options),
    formatConfig: (options) => formatModernBertConfig(config, options),
    listHeadedWeights: (layer) => [
      { name: `model.layers.${layer}.attn.Wqkv.weight`, axis: 0, repeats: 3 },
      { name: `model.layers.${layer}.attn.Wo.weight`, axis: 1, repeats: 1 },
    ],
    listAdapted: (targets) => listModernBertAdapted(config, targets),
    modernizeName: (stored) =>
      /^(embeddings|layers|final_norm)\./.test(stored) ? `model.${stored}` : stored,
    isUsualLeftover: (name) => /^decoder\.|\.inv_freq$/.test(name),
  };
}
