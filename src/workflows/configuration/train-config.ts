// Loads the configuration `train`.
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../foundation/config/index.ts';
import { type TrainConfig, trainConfigSchema } from './train-schema.ts';

/**
 * Configuration of everything that prepares data, trains or evaluates.
 * @param overrides  as typed, e.g. `['model=linear', 'train.epochs=3']`
 * @throws what loadConfig throws
 */
export function loadTrainConfig(
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<TrainConfig> {
  return loadConfig('train', trainConfigSchema, overrides, options);
}
