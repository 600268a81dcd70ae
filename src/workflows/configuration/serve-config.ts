// Loads the configuration `serve`.

import { type LoadedConfig, type LoadOptions, loadConfig } from '../../foundation/config/index.ts';
import { limitThreads } from '../../foundation/core/index.ts';
import { type ServeConfig, serveConfigSchema } from './serve-schema.ts';

/** Configuration of the server. @throws as loadTrainConfig */
export function loadServeConfig(
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<ServeConfig> {
  const loaded = loadConfig('serve', serveConfigSchema, overrides, options);
  const threads = limitThreads(loaded.config.threads, options.warn);
  return { ...loaded, config: { ...loaded.config, threads } };
}
