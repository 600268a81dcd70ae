// ModernBERT's entry in the table of families: a small one trained from scratch (compact), or a pretrained checkpoint.
import { z } from 'zod';
import { createScratchModel } from '../encoder-model.ts';
import { defineChoice, type EncoderFamily } from '../family.ts';
import { checkpointModelSchema, count, share, truncation } from '../model-options.ts';
import { TOKEN_TRAITS } from '../traits.ts';
import { attendGlobally, type ModernBertConfig, parseModernBertConfig } from './config.ts';
import { defineModernBert } from './definition.ts';
import { createModernBertWeights } from './weights.ts';

const compactSchema = z.strictObject({
  kind: z.literal('compact'),
  layers: count,
  width: count,
  heads: count,
  feed_forward: count,
  vocabulary: count,
  /** Tokens read of an article, special tokens included. */
  max_length: count,
  truncation,
  dropout: z.strictObject({
    token: share,
    embedding: share,
    attention: share,
    hidden: share,
    classifier: share,
  }),
});

const compact = defineChoice('compact', 'scratch', compactSchema, (model) => ({
  start: 'scratch',
  kind: model.kind,
  vocabulary: model.vocabulary,
  layers: model.layers,
  create: ({ classNames, seed, ...facts }) => {
    const config = createCompactConfig({ ...model, ...facts, feedForward: model.feed_forward });
    return createScratchModel(defineModernBert(config), classNames, () =>
      createModernBertWeights(config, classNames, seed),
    );
  },
}));

/** The sizes of a ModernBERT that is trained from scratch: global attention, mean pooling. */
export function createCompactConfig(
  sizes: Omit<ModernBertConfig, 'attention' | 'pooling' | 'normEpsilon' | 'kept'>,
): ModernBertConfig {
  const { vocabularySize, width, layers, heads, feedForward, maxTokens, padId, dropout } = sizes;
  return {
    vocabularySize,
    width,
    layers,
    heads,
    feedForward,
    maxTokens,
    padId,
    dropout,
    attention: attendGlobally(layers),
    pooling: 'mean',
    normEpsilon: 1e-5,
  };
}

const pretrained = defineChoice(
  'modernbert',
  'checkpoint',
  checkpointModelSchema('modernbert'),
  (config) => ({
    start: 'checkpoint',
    kind: config.kind,
    config,
  }),
);

export const modernbertFamily = {
  name: 'modernbert',
  form: 'encoder',
  traits: TOKEN_TRAITS,
  choices: [compact, pretrained],
  modelTypes: ['modernbert'],
  parseConfig: (json, where) => defineModernBert(parseModernBertConfig(json, where)),
} as const satisfies EncoderFamily;
