// Finds configuration files in the folders of a search path; the first folder that has a file wins. A folder is a group
// and each file in it is a choice. Files whose name starts with `_` are included by others and are not choices.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodeOf } from '../core/index.ts';
import { type ConfigFile, parseYamlFile } from './config-file.ts';

export interface SearchFolder {
  readonly path: string;
  /** The name of the folder in origins and errors. */
  readonly shownAs: string;
}

export interface ConfigRepository {
  readonly searchPath: readonly SearchFolder[];
  /**
   * The file named e.g. `train` or `model/linear`; undefined when no folder has it.
   * @throws CONFIG_FILE_INVALID
   */
  load(name: string): ConfigFile | undefined;
  isGroup(name: string): boolean;
  /** Names that may be chosen in a group, sorted. */
  listChoices(group: string): string[];
  /** Groups directly below `parent` ('' for the root), sorted. */
  listGroups(parent: string): string[];
}

/** Creates a repository for a search path; it reads each file once. */
export function createConfigRepository(searchPath: readonly SearchFolder[]): ConfigRepository {
  const loaded = new Map<string, ConfigFile | undefined>();

  function find(name: string): ConfigFile | undefined {
    for (const folder of searchPath) {
      const file = `${name}.yaml`;
      try {
        return parseYamlFile(readFileSync(join(folder.path, file), 'utf8'), `${folder.shownAs}/${file}`);
      } catch (error) {
        const code = errorCodeOf(error);
        if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EISDIR') throw error;
      }
    }
    return undefined;
  }

  function list(
    name: string,
    select: (entry: { name: string; isFolder: boolean }) => string | undefined,
  ): string[] {
    const names = new Set<string>();
    for (const folder of searchPath) {
      for (const entry of listFolder(join(folder.path, name))) {
        const selected = entry.name.startsWith('_') ? undefined : select(entry);
        if (selected !== undefined) names.add(selected);
      }
    }
    return [...names].sort();
  }

  return {
    searchPath,
    load: (name) => {
      if (!loaded.has(name)) loaded.set(name, find(name));
      return loaded.get(name);
    },
    isGroup: (name) => name !== '' && searchPath.some((folder) => isFolder(join(folder.path, name))),
    listChoices: (group) =>
      list(group, ({ name, isFolder }) =>
        !isFolder && name.endsWith('.yaml') ? name.slice(0, -'.yaml'.length) : undefined,
      ),
    listGroups: (parent) => list(parent, ({ name, isFolder }) => (isFolder ? name : undefined)),
  };
}

function listFolder(path: string): { name: string; isFolder: boolean }[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isFolder: entry.isDirectory(),
  }));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
