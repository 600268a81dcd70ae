// A repository with pointers: the folder with `.dvc` or `.git`, and where its cache lies.
import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { appError, expandHome } from '../../foundation/core/index.ts';
import { readDvcConfig } from './dvc-config.ts';
import { isInToolFolder } from './folder-manifest.ts';
import { nameInRepository } from './tracked-data.ts';

/** How a file of the cache comes to the place where it is used. */
export const LINK_TYPES = ['reflink', 'hardlink', 'symlink', 'copy'] as const;
export type LinkType = (typeof LINK_TYPES)[number];

export interface DataRepository {
  readonly root: string;
  /** True: it has been made with `dvc init`. */
  readonly isDvc: boolean;
  readonly isGit: boolean;
  /** Holds `files/md5/ab/cdef…`, and `ab/cdef…` of DVC 2. */
  readonly cache: string;
  /** True: other repositories may use the cache too, because it lies outside of this one. */
  readonly isCacheShared: boolean;
  /** Tried in this order. */
  readonly linkTypes: readonly LinkType[];
  /** On the disk of the cache's objects or the data: files that are being written, and notes about them. */
  readonly temporary: string;
  /** True: new pointers are added to Git's index. */
  readonly isAutoStaged: boolean;
}

/**
 * Finds the repository that `folder` is in.
 * @param home  VERACITY_HOME, where the cache lies unless DVC is used; null: `.veracity` in the root of the repository
 * @throws DATA_NOT_REPOSITORY, DVC_CONFIG_INVALID
 */
export function findRepository(folder: string, home: string | null): DataRepository {
  const root = findRepositoryRoot(folder);
  if (root === null) throw appError('DATA_NOT_REPOSITORY', { folder });
  const isDvc = isFolder(join(root, '.dvc'));
  const config = isDvc ? readDvcConfig(root) : {};
  const store = home ?? join(root, '.veracity');
  const set = config.cache?.dir;
  const cache =
    set === undefined
      ? join(isDvc ? join(root, '.dvc') : store, 'cache')
      : resolve(set.folder, expandHome(set.text));
  return {
    root,
    isDvc,
    isGit: existsSync(join(root, '.git')) || findAbove(root, '.git') !== null,
    cache,
    isCacheShared: !isInside(root, cache),
    linkTypes: parseLinkTypes(config.cache?.type?.text, join(root, '.dvc', 'config')),
    temporary: join(isDvc ? join(root, '.dvc', 'tmp') : store, 'veracity'),
    isAutoStaged: /^(?:true|yes|on|1)$/i.test(config.core?.autostage?.text ?? ''),
  };
}

/** True if `path` is `folder` or lies in it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/**
 * Refuses a path that cannot be data: a pointer may come from a stranger, and its data is read and written.
 * @throws DATA_OUTSIDE_REPOSITORY, DATA_IGNORED, DATA_IS_LINK
 */
export function assertInside(root: string, path: string): void {
  if (!isInside(root, path)) throw appError('DATA_OUTSIDE_REPOSITORY', { path, root });
  const name = nameInRepository(root, path);
  if (name === '.' || isInToolFolder(name)) throw appError('DATA_IGNORED', { path: name });
  assertNoLinks(root, dirname(path));
}

/** Refuses a link among the folders from the root to this one: it could lead out of the repository. @throws DATA_IS_LINK */
export function assertNoLinks(root: string, folder: string): void {
  for (let at = folder; at.length > root.length; at = dirname(at))
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink())
      throw appError('DATA_IS_LINK', { path: at });
}

function parseLinkTypes(text: string | undefined, path: string): LinkType[] {
  if (text === undefined || text.trim() === '') return ['reflink', 'copy'];
  return text.split(',').map((part) => {
    const type = LINK_TYPES.find((known) => known === part.trim());
    if (type !== undefined) return type;
    throw appError('DVC_CONFIG_INVALID', { path, line: `cache.type = ${text}` });
  });
}

/** The nearest folder with `.dvc` above `folder`, else with `.git`; null if there is none. */
export function findRepositoryRoot(folder: string): string | null {
  return findAbove(folder, '.dvc') ?? findAbove(folder, '.git');
}

function findAbove(folder: string, name: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, name);
    // A worktree of Git has a file `.git`.
    if (name === '.dvc' ? isFolder(path) : existsSync(path)) return at;
    if (dirname(at) === at) return null;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
