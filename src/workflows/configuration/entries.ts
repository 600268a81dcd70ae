// The entry configurations by name, each with the schema that its result must fit.
import { type ComposedConfig, validateConfig } from '../../foundation/config/index.ts';
import { serveConfigSchema } from './serve-schema.ts';
import { trainConfigSchema } from './train-schema.ts';

const schemas = { train: trainConfigSchema, serve: serveConfigSchema } as const;

/** Names of the entry files in `configs/`. */
export type EntryName = keyof typeof schemas;

export function schemaOf(entry: EntryName): (typeof schemas)[EntryName] {
  return schemas[entry];
}

/** Checks what composeEntry gave. @throws CONFIG_INVALID, CONFIG_VALUE_MISSING */
export function assertEntryValid(entry: EntryName, composed: ComposedConfig): void {
  validateConfig<unknown>(composed, schemas[entry]);
}
