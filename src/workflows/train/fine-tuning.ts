// The configuration's way to train, in the words of `train`.

import { type FineTuning, parseTrainingScope } from '../../learning/train/index.ts';
import type { TrainConfig } from '../configuration/index.ts';

export function buildFineTuning(train: TrainConfig['train']): FineTuning {
  return {
    scope: parseTrainingScope(train.scope),
    lora: train.lora,
    layerDecay: train.layer_decay,
    gradientCheckpointing: train.gradient_checkpointing,
  };
}
