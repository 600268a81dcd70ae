// Which learner a model configuration asks for.
import { appError } from '../../foundation/core/index.ts';
import type { ArticleEncoder } from '../../text/tokenize/index.ts';
import type { Checkpoint } from '../models/index.ts';
import {
  createModernBert,
  createPretrained,
  type EncoderModel,
  type PretrainedOptions,
} from '../models/index.ts';
import { createEncoderLearner } from './encoder-learner.ts';
import { type FeatureCacheOptions, loadOrComputeFeatures } from './feature-cache.ts';
import { createHeadLearner } from './head-learner.ts';
import type { Learner, LearnerOptions } from './learner.ts';
import { createLinearLearner } from './linear-learner.ts';
import { type FineTuning, scaleLearningRates, selectTrained } from './training-scope.ts';

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
      readonly head: NonNullable<PretrainedOptions['head']>;
      /** The name it was asked for by. */
      readonly base: string;
    };

/** Where a frozen encoder's vectors are kept, and of which splits they are. */
export type FeatureSource = Omit<FeatureCacheOptions, 'tokenizer' | 'threads' | 'device'>;

/**
 * Creates the learner of a model whose inputs `encoder` makes. The caller disposes it.
 * @param ways      how it is trained
 * @param features  null: the encoder is run in every step, even where it is frozen
 * @throws SETTING_UNSUPPORTED, ENGINE_FAILED, DISK_FULL; the signal's reason when computing features was stopped
 */
export async function createLearner(
  model: LearnerModel,
  options: LearnerOptions,
  encoder: ArticleEncoder,
  ways: FineTuning,
  features: FeatureSource | null,
): Promise<Learner> {
  if (model.kind === 'linear' && options.distillation) {
    throw appError('SETTING_UNSUPPORTED', {
      key: 'train.distillation',
      expected: 'an encoder that learns from the teacher',
      got: 'model=linear',
      remedy: 'Take model=compact.',
    });
  }
  if (model.kind === 'linear')
    return createLinearLearner(options, { dim: model.dim, buckets: encoder.vocabularySize });
  const { seed, classNames } = options;
  if (model.kind !== 'compact') {
    const { checkpoint, dropout, head, base } = model;
    const lora = ways.scope.kind === 'lora' ? ways.lora : null;
    const frozenEncoder = ways.scope.kind === 'head';
    const pretrained = createPretrained(checkpoint, {
      classNames,
      seed,
      dropout,
      head,
      lora,
      frozenEncoder,
      base,
    });
    if (!frozenEncoder || features === null) return createFineTuned(pretrained, options, ways);
    const { parts, loadWeights } = pretrained;
    const { threads, device = 'cpu' } = options;
    const table = await loadOrComputeFeatures(
      { ...parts, loadWeights },
      { ...features, tokenizer: encoder, threads, device },
    );
    return createHeadLearner(options, pretrained, table);
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
  return createFineTuned(createModernBert(config, seed), options, ways);
}

function createFineTuned(model: EncoderModel, options: LearnerOptions, ways: FineTuning): Promise<Learner> {
  const { scope, layerDecay, gradientCheckpointing } = ways;
  const names = model.build({ training: false, idsType: 'int32' }).b.graph.parameters.map(({ name }) => name);
  const learningRateScale = scaleLearningRates(names, model.layers, layerDecay);
  return createEncoderLearner(options, model, {
    isTrained: selectTrained(scope, model.layers),
    recompute: gradientCheckpointing,
    ...(learningRateScale === null ? {} : { learningRateScale }),
  });
}
