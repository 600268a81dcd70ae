// Loads an entry configuration: composes it from `configs` in the working directory, if there is one, and from the
// package's own `configs`, then checks it against the schema that the caller passes. A user's file replaces the package's
// file of the same name.
import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { packageRoot } from '../core/index.ts';
import { type ComposedConfig, composeConfig } from './config-compose.ts';
import { formatConfigWithOrigins, listOrigins } from './config-format.ts';
import type { SearchFolder } from './config-repository.ts';
import { validateConfig } from './config-validate.ts';
import type { Environment } from './interpolation.ts';

export interface LoadedConfig<T> {
  readonly config: T;
  readonly composed: ComposedConfig;
  /** Where each value was set, by dotted path. */
  readonly origins: Readonly<Record<string, string>>;
  /** YAML with origins, as --cfg prints it and config.yaml of a run keeps it. */
  toYaml(): string;
}

export interface LoadOptions {
  /** Default: the process's. */
  readonly workingDirectory?: string;
  /** Default: the process's. */
  readonly environment?: Environment;
}

/** Composes an entry without checking it against its schema, so that --cfg can show what is wrong. */
export function composeEntry(
  entry: string,
  overrides: readonly string[],
  options: LoadOptions = {},
): ComposedConfig {
  const searchPath = locateConfigs(options.workingDirectory);
  return composeConfig({ entry, overrides, searchPath, environment: options.environment ?? process.env });
}

/**
 * Composes an entry and checks it.
 * @param entry      name of the entry file, such as `train`
 * @param overrides  as typed, e.g. `['model=linear', 'train.epochs=3']`
 * @throws what composeConfig throws, and CONFIG_INVALID, CONFIG_VALUE_MISSING
 */
export function loadConfig<T>(
  entry: string,
  schema: z.ZodType<T>,
  overrides: readonly string[],
  options: LoadOptions = {},
): LoadedConfig<T> {
  const composed = composeEntry(entry, overrides, options);
  const config = validateConfig(composed, schema);
  return {
    config,
    composed,
    origins: listOrigins(composed.root),
    toYaml: () => formatConfigWithOrigins(composed),
  };
}

/** The search path: `configs` of the working directory if it holds YAML files, then the package's. */
export function locateConfigs(workingDirectory: string = process.cwd()): SearchFolder[] {
  const packaged = join(packageRoot, 'configs');
  const own = resolve(workingDirectory, 'configs');
  if (own === packaged) return [{ path: packaged, shownAs: 'configs' }];
  const inside = relative(workingDirectory, packaged);
  const shipped = { path: packaged, shownAs: inside.startsWith('..') ? 'veracity/configs' : inside };
  return holdsYaml(own) ? [{ path: own, shownAs: 'configs' }, shipped] : [shipped];
}

function holdsYaml(folder: string): boolean {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  return readdirSync(folder, { recursive: true }).some((name) => join(String(name)).endsWith('.yaml'));
}
