// Finds configuration files in the folders of a search path; the first folder that has a file wins. A folder is a group
// and each file in it is a choice. Files whose name starts with `_` are included by others and are not choices.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodeOf } from '../core/index.ts';
import { type ConfigFile, parseYamlFile } from './config-file.ts';
import { assertOurs } from './foreign-file.ts';

export interface SearchFolder {
  readonly path: string;
  /** The name of the folder in origins and errors. */
  readonly shownAs: string;
  /** True for a folder of the user, whose files replace the package's. */
  readonly isOwn: boolean;
}

export interface ConfigRepository {
  readonly searchPath: readonly SearchFolder[];
  /**
   * The file named e.g. `train` or `model/linear`; undefined when no folder has it.
   * @throws CONFIG_FILE_INVALID; CONFIG_FOREIGN for an own file that another program wrote
   */
  load(name: string): ConfigFile | undefined;
  /** As `load`, in the package's folder only. */
  loadPackaged(name: string): ConfigFile | undefined;
  /** The file of this name that ends in .yml and is therefore not read. */
  findYml(name: string): string | undefined;
  isGroup(name: string): boolean;
  /** Names that may be chosen in a group, sorted. */
  listChoices(group: string): string[];
  /** Groups directly below `parent` ('' for the root), sorted. */
  listGroups(parent: string): string[];
}

/** Creates a repository for a search path; it reads each file once. */
export function createConfigRepository(searchPath: readonly SearchFolder[]): ConfigRepository {
  const loaded = new Map<string, ConfigFile | undefined>();

  function find(name: string, folders: readonly SearchFolder[]): ConfigFile | undefined {
    for (const folder of folders) {
      const file = `${name}.yaml`;
      try {
        const text = readFileSync(join(folder.path, file), 'utf8');
        const parsed = parseYamlFile(text, `${folder.shownAs}/${file}`);
        if (folder.isOwn) assertOurs(parsed, name, repository);
        return parsed;
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

  const repository: ConfigRepository = {
    searchPath,
    load: (name) => {
      if (!loaded.has(name)) loaded.set(name, find(name, searchPath));
      return loaded.get(name);
    },
    loadPackaged: (name) =>
      find(
        name,
        searchPath.filter(({ isOwn }) => !isOwn),
      ),
    findYml: (name) => {
      const found = searchPath.find(({ path }) => existsSync(join(path, `${name}.yml`)));
      return found === undefined ? undefined : `${found.shownAs}/${name}.yml`;
    },
    isGroup: (name) => name !== '' && searchPath.some((folder) => isFolder(join(folder.path, name))),
    listChoices: (group) =>
      list(group, ({ name, isFolder }) =>
        !isFolder && name.endsWith('.yaml') ? name.slice(0, -'.yaml'.length) : undefined,
      ),
    listGroups: (parent) => list(parent, ({ name, isFolder }) => (isFolder ? name : undefined)),
  };
  return repository;
}

/** The YAML files in a folder and the folders below it, as paths relative to it, sorted. */
export function listYamlFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.yaml')).sort();
}

function listFolder(path: string): { name: string; isFolder: boolean }[] {
  if (!isFolder(path)) return [];
  return readdirSync(path, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isFolder: entry.isDirectory(),
  }));
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
