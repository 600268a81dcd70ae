// The keys and groups of a configuration, and the values that each may have: what a shell offers to complete.
import { z } from 'zod';
import {
  type ComposedConfig,
  composeEntry,
  type LoadOptions,
  listGroupChoices,
  listPaths,
} from '../../foundation/config/index.ts';
import { isAppError } from '../../foundation/core/index.ts';
import { type EntryName, schemaOf } from './entries.ts';

export interface KeyChoices {
  /** Names of the files of each group in the defaults list, from all folders of the search path. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Every dotted key; its values where they are few (names, true and false, null), else none. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** Lists what may follow `overrides`, which may be incomplete or wrong: then the keys of the defaults are listed. */
export function listKeyChoices(
  entry: EntryName,
  overrides: readonly string[],
  options: LoadOptions = {},
): KeyChoices {
  return listEntryChoices(entry, schemaOf(entry), overrides, options);
}

/** The same for an entry file of any name with its schema. */
export function listEntryChoices(
  entry: string,
  schema: z.core.$ZodType,
  overrides: readonly string[],
  options: LoadOptions = {},
): KeyChoices {
  const composed =
    tryCompose(entry, overrides, options) ??
    tryCompose(entry, [], options) ??
    tryCompose(entry, [], { ...options, configDirs: [], searchesConfigs: false });
  if (composed === undefined) return { groups: new Map(), keys: new Map() };
  const groups = new Map(
    [...composed.choices.keys()]
      .filter((group) => !group.includes('@'))
      .map((group) => [group, listGroupChoices(composed.searchPath, group)] as const),
  );
  const keys = new Map(
    listPaths(composed.root).map((path) => [path, listValues(schema, path.split('.'))] as const),
  );
  return { groups, keys };
}

/** Undefined if the files or the overrides are wrong: a shell completes what is right, and the command says what is not. */
function tryCompose(
  entry: string,
  overrides: readonly string[],
  options: LoadOptions,
): ComposedConfig | undefined {
  try {
    return composeEntry(entry, overrides, options);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** The values of a key if they are few; several branches of a union give the values of all. */
function listValues(schema: z.core.$ZodType, path: readonly string[]): string[] {
  if (schema instanceof z.ZodNullable) {
    const values = listValues(schema.unwrap(), path);
    return path.length === 0 && values.length > 0 ? [...values, 'null'] : values;
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return listValues(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion)
    return [...new Set(schema.options.flatMap((option) => listValues(option, path)))];
  const [key, ...rest] = path;
  if (key !== undefined) {
    const inner = schema instanceof z.ZodObject ? schema.shape[key] : undefined;
    return inner === undefined ? [] : listValues(inner as z.core.$ZodType, rest);
  }
  if (schema instanceof z.ZodEnum) return schema.options.map(String);
  if (schema instanceof z.ZodBoolean) return ['true', 'false'];
  return schema instanceof z.ZodLiteral ? [...schema.values].map(String) : [];
}
