// Loads the configuration `serve`.
import { type LoadedConfig, type LoadOptions, loadConfig } from '../../foundation/config/index.ts';
import { type ServeConfig, serveConfigSchema } from './serve-schema.ts';

/** Configuration of the server. @throws as loadTrainConfig */
export function loadServeConfig(
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<ServeConfig> {
  return loadConfig('serve', serveConfigSchema, overrides, options);
}
