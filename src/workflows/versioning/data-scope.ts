// What a command of versions works on: the repository, and those of its data that were asked for.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appError, resolveUserPath, writeFileAtomic } from '../../foundation/core/index.ts';
import {
  type DataRepository,
  type FoundPointers,
  findPointers,
  findRepository,
  isInside,
  nameInRepository,
  ObjectCache,
  ObjectPool,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export interface DataScope {
  readonly repository: DataRepository;
  readonly found: FoundPointers;
  readonly cache: ObjectCache;
}

/** The repository of the working directory. @throws DATA_NOT_REPOSITORY, DVC_CONFIG_INVALID */
export function openRepository({
  home,
  workingDirectory,
}: Pick<WorkflowContext, 'home' | 'workingDirectory'>): DataRepository {
  // A home that nobody has named lies in the working directory; the cache of a repository is one for all of its folders.
  const isDefault = home.root === join(workingDirectory, '.veracity');
  return findRepository(workingDirectory, isDefault ? null : home.root);
}

/** The repository with all of its pointers. @throws DATA_NOT_REPOSITORY, DVC_CONFIG_INVALID */
export function openDataScope(context: WorkflowContext): DataScope {
  const repository = openRepository(context);
  return { repository, found: findPointers(repository.root), cache: new ObjectCache(repository) };
}

/** Runs `work` with threads for files, which end with it. */
export async function withObjectPool<T>(
  repository: DataRepository,
  { signal, progress }: WorkflowContext,
  work: (pool: ObjectPool) => Promise<T>,
): Promise<T> {
  const pool = new ObjectPool(repository, { signal, progress });
  try {
    return await work(pool);
  } finally {
    await pool.close();
    hideFromGit(repository);
  }
}

/** What lies in the home of a repository without DVC must not go into Git; DVC does this for its own folders. */
function hideFromGit({ isDvc, isGit, root, cache, temporary }: DataRepository): void {
  if (isDvc || !isGit) return;
  for (const folder of [cache, temporary]) {
    const file = join(folder, '.gitignore');
    if (isInside(root, folder) && existsSync(folder) && !existsSync(file)) writeFileAtomic(file, '*\n');
  }
}

/** The absolute path of an argument. @throws DATA_OUTSIDE_REPOSITORY */
export function resolveRepositoryPath(
  path: string,
  { root }: DataRepository,
  context: WorkflowContext,
): string {
  const absolute = resolveUserPath(context.workingDirectory, path);
  if (!isInside(root, absolute)) throw appError('DATA_OUTSIDE_REPOSITORY', { path: absolute, root });
  return absolute;
}

/**
 * The data that the arguments name: the data itself, its pointer, or a folder with several; all data if there are none.
 * @throws POINTER_INVALID, POINTER_NOT_FOUND, DATA_OUTSIDE_REPOSITORY
 */
export function selectData(
  args: readonly string[],
  { repository, found }: DataScope,
  context: WorkflowContext,
): readonly TrackedData[] {
  if (args.length === 0) {
    const [broken] = found.broken;
    if (broken !== undefined) throw broken.error;
    return found.data;
  }
  const chosen = new Set<TrackedData>();
  for (const arg of args) {
    const path = resolveRepositoryPath(arg, repository, context);
    const broken = found.broken.find((one) => isInside(path, one.path) || one.path === `${path}.dvc`);
    if (broken !== undefined) throw broken.error;
    const named = found.data.filter(
      (one) => one.path === path || one.pointer === path || isInside(path, one.path),
    );
    for (const one of named) chosen.add(one);
    if (named.length === 0) throw refuseUnknown(path, repository, found);
  }
  return [...chosen];
}

function refuseUnknown(path: string, { root }: DataRepository, found: FoundPointers): Error {
  const name = nameInRepository(root, path);
  const outer = found.data.find((one) => isInside(one.path, path));
  const hint =
    outer === undefined
      ? `Add it with: veracity data add ${quoteArgument(name)}. What is there: veracity data status`
      : `It is a part of ${nameInRepository(root, outer.path)}: name that folder.`;
  return appError('POINTER_NOT_FOUND', { path: name, hint });
}

/** An argument as it can be typed into a shell. */
export function quoteArgument(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Whether two paths are the same, or one lies in the other. */
export function overlaps(a: string, b: string): boolean {
  return isInside(a, b) || isInside(b, a);
}

/** Data by the remote that it goes to. */
export function groupByRemote(
  data: readonly TrackedData[],
  asked: string | null,
): Map<string | null, TrackedData[]> {
  const groups = new Map<string | null, TrackedData[]>();
  for (const one of data) {
    const name = one.remote ?? asked;
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return groups;
}
