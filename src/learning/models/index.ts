// The room's door: what other rooms may use. Families are known behind it only.
export { type HeadOptions, headMaskName } from './attention-heads.ts';
export { openCheckpoint } from './checkpoint/open-checkpoint.ts';
export type { PretrainedCheckpoint } from './checkpoint/pretrained-checkpoint.ts';
export { formatWeightPlan } from './checkpoint/weight-plan.ts';
export { WORD_VECTORS } from './embedded-words.ts';
export {
  type EncoderDefinition,
  type HeadedWeight,
  listParameters,
  type NamedShape,
} from './encoder-definition.ts';
export type { EncoderModel, EncoderParts } from './encoder-model.ts';
export {
  findFamily,
  listCheckpointChoices,
  loadEncoderDefinition,
  type ModelConfig,
  modelSchema,
  planModel,
} from './families.ts';
export type { CheckpointPlan, FeaturePlan, ModelPlan, ScratchPlan } from './family.ts';
export { isLoraName, type LoraOptions } from './lora.ts';
export type { CheckpointModelConfig } from './model-options.ts';
export { partOf } from './parameter-part.ts';
export { assertHeadSaves, createPretrained, type PretrainedOptions } from './pretrained.ts';
export { formatSafetensors, loadSafetensors, saveSafetensors, widenHalf } from './safetensors.ts';
export type { ArticleUpdate, SparseModel } from './sparse-model.ts';
