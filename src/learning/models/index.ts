// The room's door: what other rooms may use.
export { type HeadOptions, headMaskName } from './attention-heads.ts';
export { parseBertConfig } from './bert/config.ts';
export { buildBert } from './bert/graph.ts';
export { isLoraName, type LoraOptions } from './bert/lora.ts';
export { BERT_NAMES } from './bert/names.ts';
export { type Checkpoint, describePlan, openCheckpoint } from './checkpoint/checkpoint-folder.ts';
export { WORD_VECTORS } from './embedded-words.ts';
export { createModernBert, type EncoderModel, type EncoderParts } from './encoder.ts';
export { buildLinear, foldScores, formatLinearConfig, SCORES } from './linear/model-files.ts';
export {
  computeSparseLogits,
  createSparseSoftmax,
  type SparseSoftmax,
  updateSparseSoftmax,
} from './linear/sparse-softmax.ts';
export { copyState, restoreState } from './linear/state.ts';
export { parseModernBertConfig } from './modernbert/config.ts';
export { buildModernBert } from './modernbert/graph.ts';
export { assertHeadSaves, createPretrained, type PretrainedOptions } from './pretrained.ts';
export { formatSafetensors, loadSafetensors, saveSafetensors, widenHalf } from './safetensors.ts';
