// Turns the configuration's `train` keys into the options of learning/train: what is trained, adapters, layer decay.

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
