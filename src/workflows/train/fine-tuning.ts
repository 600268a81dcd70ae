// The configuration's way to train, in the words of `train`.
import type { TrainConfig } from '../../foundation/config/index.ts';
import { type FineTuning, parseTrainingScope } from '../../learning/train/index.ts';

export function describeFineTuning(train: TrainConfig['train']): FineTuning {
  return {
    scope: parseTrainingScope(train.scope),
    lora: train.lora,
    layerDecay: train.layer_decay,
    gradientCheckpointing: train.gradient_checkpointing,
  };
}
