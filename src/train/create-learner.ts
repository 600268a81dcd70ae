// Which learner a model configuration asks for.
import type { Checkpoint } from '../models/checkpoint/checkpoint-folder.ts';
import { createModernBert, createPretrained, type PretrainedOptions } from '../models/encoder.ts';
import type { ArticleEncoder } from '../tokenize/article-encoder.ts';
import { createEncoderLearner } from './encoder-learner.ts';
import type { Learner, LearnerOptions } from './learner.ts';
import { createLinearLearner } from './linear-learner.ts';

/** The `model` part of the configuration, as far as learners need it; keys are spelt as people type them. */
export type LearnerModel =
  | { readonly kind: 'linear'; readonly dim: number }
  | {
      readonly kind: 'compact';
      readonly layers: number;
      readonly width: number;
      readonly heads: number;
      readonly feed_forward: number;
      readonly dropout: {
        readonly token: number;
        readonly embedding: number;
        readonly attention: number;
        readonly hidden: number;
        readonly classifier: number;
      };
    }
  | {
      readonly kind: 'distilbert' | 'bert';
      readonly checkpoint: Checkpoint;
      readonly dropout: PretrainedOptions['dropout'];
    };

/** Creates the learner of a model whose inputs `encoder` makes. The caller disposes it. */
export async function createLearner(
  model: LearnerModel,
  options: LearnerOptions,
  encoder: ArticleEncoder,
): Promise<Learner> {
  if (model.kind === 'linear')
    return createLinearLearner(options, { dim: model.dim, buckets: encoder.vocabularySize });
  const { seed, classNames } = options;
  if (model.kind !== 'compact') {
    const { checkpoint, dropout } = model;
    return createEncoderLearner(options, createPretrained(checkpoint, { classNames, seed, dropout }));
  }
  const config = {
    vocabularySize: encoder.vocabularySize,
    width: model.width,
    layers: model.layers,
    heads: model.heads,
    feedForward: model.feed_forward,
    maxTokens: encoder.maxTokens,
    classNames,
    padId: encoder.padId,
    dropout: model.dropout,
  };
  return createEncoderLearner(options, createModernBert(config, seed));
}
