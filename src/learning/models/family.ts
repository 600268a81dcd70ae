// The interface of a model family. Each family is one folder and one entry of the table in families.ts. Other files do not
// distinguish families: they use the entry.
import type { z } from 'zod';
import type { ModelTraits } from '../../foundation/records/index.ts';
import type { EncoderDefinition } from './encoder-definition.ts';
import type { EncoderModel } from './encoder-model.ts';
import type { CheckpointModelConfig } from './model-options.ts';
import type { SparseModel } from './sparse-model.ts';

/** A family of encoders, whose graph is trained, exported, pruned and differentiated. */
export interface EncoderFamily extends FamilyFacts {
  readonly form: 'encoder';
  /** Values of `model_type` in a config.json that it loads. */
  readonly modelTypes: readonly string[];
  /**
   * Reads config.json, of a checkpoint or of a trained model's folder.
   * @param where  the file, named in errors
   * @throws MODEL_UNSUPPORTED for variants that the graph does not have
   */
  parseConfig(json: unknown, where: string): EncoderDefinition;
}

/** A family whose logits are the mean of one score per feature and class: trained without a graph, explained exactly. */
export interface SparseFamily extends FamilyFacts {
  readonly form: 'sparse';
  /** The trained scores in a model folder. @returns [features, C]; all zero where no training article had the feature */
  loadScores(folder: string): Float32Array;
}

export type ModelFamily = EncoderFamily | SparseFamily;

interface FamilyFacts {
  /** The name in a model folder's record. */
  readonly name: string;
  /** Facts for rooms that do not know families; stored in the model folder's record. */
  readonly traits: ModelTraits;
  /** What users choose as `model=…`. */
  readonly choices: readonly ModelChoice[];
}

/** One `model=…`: the schema of its configuration, and the plan that a training makes of it. */
export interface ModelChoice {
  readonly kind: string;
  /** How its plan starts, whatever its configuration says. */
  readonly start: ModelPlan['start'];
  readonly schema: z.ZodObject;
  /** @param config  has passed `schema` */
  plan(config: unknown): ModelPlan;
}

/** How a training gets its model. */
export type ModelPlan = FeaturePlan | ScratchPlan | CheckpointPlan;

/** Hashed word groups with scores, learned article by article. */
export interface FeaturePlan {
  readonly start: 'features';
  /** The choice, for messages. */
  readonly kind: string;
  /** Rows of the feature table. */
  readonly buckets: number;
  readonly wordNgrams: number;
  create(facts: SparseFacts): SparseModel;
}

export interface SparseFacts {
  readonly vocabularySize: number;
  readonly classNames: readonly string[];
  readonly seed: number;
}

/** An encoder with random first weights, whose vocabulary is trained on the train split. */
export interface ScratchPlan {
  readonly start: 'scratch';
  readonly kind: string;
  /** Pieces of the vocabulary to train. */
  readonly vocabulary: number;
  /** L */
  readonly layers: number;
  create(facts: ScratchFacts): EncoderModel;
}

export interface ScratchFacts {
  readonly vocabularySize: number;
  readonly maxTokens: number;
  readonly padId: number;
  readonly classNames: readonly string[];
  readonly seed: number;
}

/** A pretrained encoder, with the tokenizer that its folder holds. Its config.json says which family it is of. */
export interface CheckpointPlan {
  readonly start: 'checkpoint';
  readonly kind: string;
  readonly config: CheckpointModelConfig;
}

/** A choice whose plan is typed by its schema. */
export function defineChoice<K extends string, S extends z.ZodObject, T extends ModelPlan['start']>(
  kind: K,
  start: T,
  schema: S,
  plan: (config: z.infer<S>) => Extract<ModelPlan, { readonly start: T }>,
): Omit<ModelChoice, 'kind' | 'schema'> & { readonly kind: K; readonly schema: S } {
  return { kind, start, schema, plan: (config) => plan(config as z.infer<S>) };
}
