// The entry configurations that commands and programs load by name, each with the schema that its result must fit.
import {
  type ComposedConfig,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
  validateConfig,
} from '../../foundation/config/index.ts';
import { type ServeConfig, serveConfigSchema, type TrainConfig, trainConfigSchema } from './schema.ts';

const schemas = { train: trainConfigSchema, serve: serveConfigSchema } as const;

/** Names of the entry files in `configs/`. */
export type EntryName = keyof typeof schemas;

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

/** Configuration of the server. @throws as loadTrainConfig */
export function loadServeConfig(
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<ServeConfig> {
  return loadConfig('serve', serveConfigSchema, overrides, options);
}

/** Checks what composeEntry gave. @throws CONFIG_INVALID, CONFIG_VALUE_MISSING */
export function assertEntryValid(entry: EntryName, composed: ComposedConfig): void {
  validateConfig<unknown>(composed, schemas[entry]);
}
