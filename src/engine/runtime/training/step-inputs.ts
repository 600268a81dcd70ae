// What a training batch feeds a program with, by input name.
import {
  type DropoutSite,
  float32Tensor,
  int32Tensor,
  PROGRAM_NAMES,
  type TensorData,
} from '../../graph/index.ts';
import type { TokenBatch, TrainingBatch } from './trainer.ts';

/** Token ids and mask, [B, T] each. */
export function batchInputs({
  inputIds,
  attentionMask,
  size,
  length,
}: TokenBatch): Record<string, TensorData> {
  return {
    [PROGRAM_NAMES.inputIds]: int32Tensor([size, length], inputIds),
    [PROGRAM_NAMES.attentionMask]: int32Tensor([size, length], attentionMask),
  };
}

/** Soft labels [B, C] and each article's share of the loss [B]. */
export function lossInputs(
  { targets, articleWeights, size }: TrainingBatch,
  classes: number,
): Record<string, TensorData> {
  return {
    [PROGRAM_NAMES.targets]: float32Tensor([size, classes], targets),
    [PROGRAM_NAMES.articleWeights]: float32Tensor([size], articleWeights),
  };
}

/** The shape of a dropout mask for one batch. */
export function maskShape(site: DropoutSite, { size, length }: TokenBatch): number[] {
  return site.shape.map((dim) => (dim === 'B' ? size : dim === 'T' ? length : Number(dim)));
}
