// Creates the learner of a configured model.
import { appError } from '../../foundation/core/index.ts';
import type { ArticleEncoder } from '../../text/tokenize/index.ts';
import {
  createPretrained,
  type EncoderModel,
  type FeaturePlan,
  type PretrainedCheckpoint,
  type PretrainedOptions,
  type ScratchPlan,
} from '../models/index.ts';
import { createEncoderLearner } from './encoder-learner.ts';
import { type FeatureCacheOptions, loadOrComputeFeatures } from './feature-cache.ts';
import { createHeadLearner } from './head-learner.ts';
import type { Learner, LearnerOptions } from './learner.ts';
import { createSparseLearner } from './sparse-learner.ts';
import { type FineTuning, scaleLearningRates, selectTrained } from './training-scope.ts';

/** What is trained: a plan of the configured model, with its checkpoint opened where it starts from one. */
export type LearnerModel = FeaturePlan | ScratchPlan | CheckpointModel;

/** A model that starts from an opened checkpoint. */
export interface CheckpointModel {
  readonly start: 'checkpoint';
  readonly checkpoint: PretrainedCheckpoint;
  readonly dropout: PretrainedOptions['dropout'];
  readonly head: NonNullable<PretrainedOptions['head']>;
  /** Its configured name or path. */
  readonly base: string;
}

/** Where the vectors of a frozen encoder are cached, and for which splits. */
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
  switch (model.start) {
    case 'features':
      if (options.distillation) throw refuseTeacher(model.kind);
      return createSparseLearner(
        options,
        model.kind,
        model.create({
          vocabularySize: encoder.vocabularySize,
          classNames: options.classNames,
          seed: options.seed,
        }),
      );
    case 'scratch': {
      const { vocabularySize, maxTokens, padId } = encoder;
      const { seed, classNames } = options;
      const created = model.create({ vocabularySize, maxTokens, padId, classNames, seed });
      return createFineTuned(created, options, ways);
    }
    case 'checkpoint':
      return createPretrainedLearner(model, options, encoder, ways, features);
  }
}

/** The error of a model that cannot learn from a teacher. */
export function refuseTeacher(kind: string): Error {
  return appError('SETTING_UNSUPPORTED', {
    key: 'train.distillation',
    expected: 'an encoder that learns from the teacher',
    got: `model=${kind}`,
    remedy: 'Choose a model that is an encoder, such as model=compact.',
  });
}

async function createPretrainedLearner(
  { checkpoint, dropout, head, base }: CheckpointModel,
  options: LearnerOptions,
  encoder: ArticleEncoder,
  ways: FineTuning,
  features: FeatureSource | null,
): Promise<Learner> {
  const { classNames, seed, threads, device = 'cpu' } = options;
  const lora = ways.scope.kind === 'lora' ? ways.lora : null;
  const frozenEncoder = ways.scope.kind === 'head';
  const wanted = { classNames, seed, dropout, head, lora, frozenEncoder, base };
  const pretrained = createPretrained(checkpoint, wanted);
  if (!frozenEncoder || features === null) return createFineTuned(pretrained, options, ways);
  const { parts, loadWeights } = pretrained;
  const table = await loadOrComputeFeatures(
    { ...parts, loadWeights },
    { ...features, tokenizer: encoder, threads, device },
  );
  return createHeadLearner(options, pretrained, table);
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
