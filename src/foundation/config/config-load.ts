// Loads an entry configuration: composes it from the user's own folders and the package's `configs`, then checks it
// against the schema that the caller passes. Own folders are those of --config-dir and `configs` in the working directory;
// a file in an own folder replaces the package's file of the same name.
import { join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { appError, packageRoot, resolveUserPath } from '../core/index.ts';
import { type ComposedConfig, composeConfig, type MergedFile } from './config-compose.ts';
import { formatConfigWithOrigins, listOrigins } from './config-format.ts';
import { type ConfigNode, selectNode, walkNodes } from './config-node.ts';
import { createConfigRepository, isFolder, listYamlFiles, type SearchFolder } from './config-repository.ts';
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
  /** Folders that are searched first, in this order. */
  readonly configDirs?: readonly string[];
  /** False: `configs` of the working directory is not searched. Default: true. */
  readonly searchesConfigs?: boolean;
  /** A file of the user's that is merged after the defaults, and before the overrides. */
  readonly mergedFile?: MergedFile;
  /** Receives a sentence about a value that is kept or lowered, but unwise. */
  readonly warn?: (text: string) => void;
}

/** Composes an entry without checking it against its schema, so that --cfg can show what is wrong. */
export function composeEntry(
  entry: string,
  overrides: readonly string[],
  options: LoadOptions = {},
): ComposedConfig {
  const searchPath = locateConfigs(options);
  const { environment = process.env, mergedFile } = options;
  return composeConfig({ entry, overrides, searchPath, environment, ...(mergedFile && { mergedFile }) });
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

/**
 * The search path: the folders of --config-dir, then `configs` of the working directory if it holds YAML files, then the
 * package's own.
 * @throws FILE_NOT_FOUND if a folder of --config-dir does not exist
 */
export function locateConfigs({
  workingDirectory = process.cwd(),
  configDirs = [],
  searchesConfigs = true,
}: LoadOptions = {}): SearchFolder[] {
  const packaged = join(packageRoot, 'configs');
  const own = resolve(workingDirectory, 'configs');
  const named = configDirs.map((folder) => locateNamed(folder, workingDirectory));
  if (searchesConfigs && holdsYaml(own)) named.push({ path: own, shownAs: 'configs', isOwn: true });
  const inside = relative(workingDirectory, packaged);
  const shipped = {
    path: packaged,
    shownAs: inside.startsWith('..') ? 'veracity/configs' : inside,
    isOwn: false,
  };
  const paths = named.map((folder) => folder.path);
  return [...named.filter(({ path }, i) => path !== packaged && paths.indexOf(path) === i), shipped];
}

/** Names that may be chosen in a group, from all folders. */
export function listGroupChoices(searchPath: readonly SearchFolder[], group: string): string[] {
  return createConfigRepository(searchPath).listChoices(group);
}

/** The dotted keys of all values; a list is one value, and so is a map without keys. */
export function listPaths(root: ConfigNode): string[] {
  const nodes = [...walkNodes(root)];
  const isInList = (path: readonly string[]): boolean =>
    path.some((_, i) => selectNode(root, path.slice(0, i))?.kind === 'list');
  return nodes
    .filter(([path, node]) => (node.kind !== 'map' || node.entries.size === 0) && !isInList(path))
    .map(([path]) => path.join('.'));
}

/** A file in an own folder. */
export interface OwnFile {
  readonly file: string;
  /** The file of a later folder that it replaces; null: none. */
  readonly replaces: string | null;
}

/** The files in the own folders of a search path. */
export function listOwnFiles(searchPath: readonly SearchFolder[]): OwnFile[] {
  const folders = searchPath.map((folder) => ({ ...folder, names: listYamlFiles(folder.path) }));
  return folders.flatMap(({ isOwn, names, shownAs }, i) =>
    names
      .filter(() => isOwn)
      .map((name) => {
        const replaced = folders.slice(i + 1).find((later) => later.names.includes(name));
        return {
          file: `${shownAs}/${name}`,
          replaces: replaced === undefined ? null : `${replaced.shownAs}/${name}`,
        };
      }),
  );
}

/** A folder of --config-dir; messages show it as it was typed. */
function locateNamed(typed: string, workingDirectory: string): SearchFolder {
  const path = resolveUserPath(workingDirectory, typed);
  if (!isFolder(path))
    throw appError('FILE_NOT_FOUND', { path: typed, kind: 'folder of configuration files (--config-dir)' });
  return { path, shownAs: typed.replace(/(?<=.)\/+$/, ''), isOwn: true };
}

function holdsYaml(folder: string): boolean {
  return isFolder(folder) && listYamlFiles(folder).length > 0;
}
