// Loads the configuration `train`.

import { type LoadedConfig, type LoadOptions, loadConfig } from '../../foundation/config/index.ts';
import { limitThreads } from '../../foundation/core/index.ts';
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
  const loaded = loadConfig('train', trainConfigSchema, overrides, options);
  const threads = limitThreads(loaded.config.threads, options.warn);
  return { ...loaded, config: { ...loaded.config, threads } };
}
