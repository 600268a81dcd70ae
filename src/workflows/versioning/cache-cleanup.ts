// Plans the removal of objects of the cache that no pointer names, neither in the folders that are checked out nor in a commit.
import { findLeftovers, isAppError, type Leftover } from '../../foundation/core/index.ts';
import {
  type DataRepository,
  isInside,
  type NamedObject,
  nameInRepository,
  objectKey,
  parsePointerFile,
  readCommittedPointers,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { buildLeftoverRemoval, type Removal, type RemovalPlan } from '../storage/index.ts';
import { type DataScope, openDataScope } from './data-scope.ts';
import { listObjects } from './data-status.ts';

/** An object that was stored later may belong to a pointer that is about to be written. */
const YOUNG_MS = 3_600_000;

/**
 * What killed processes left half-written in the cache, and notes of transfers that were stopped, where they lie outside of the
 * home.
 */
export function findRepositoryLeftovers(
  { cache, temporary }: DataRepository,
  { home, clock }: WorkflowContext,
): Leftover[] {
  const nowMs = Date.parse(clock.nowIso());
  return [cache, temporary]
    .filter((folder) => !isInside(home.root, folder))
    .flatMap((folder) => findLeftovers(folder, { nowMs }));
}

interface CleanupOptions {
  readonly current: boolean;
  readonly shared: boolean;
}

/**
 * @param options.current  also objects that only other commits name
 * @param options.shared   also where other repositories may use the cache
 */
export function planCacheCleanup(options: CleanupOptions, context: WorkflowContext): RemovalPlan {
  let scope: DataScope;
  try {
    scope = openDataScope(context);
  } catch (error) {
    // Outside of a repository there is no such cache.
    if (isAppError(error) && error.code === 'DATA_NOT_REPOSITORY') return { removals: [], notes: [] };
    throw error;
  }
  const { removals, notes } = planObjectRemovals(scope, options, context);
  const leftovers = findRepositoryLeftovers(scope.repository, context);
  return { removals: [...removals, ...leftovers.map(buildLeftoverRemoval)], notes };
}

function planObjectRemovals(
  scope: DataScope,
  { current, shared }: CleanupOptions,
  context: WorkflowContext,
): RemovalPlan {
  const { repository, cache } = scope;
  const keep = (reason: string): RemovalPlan => ({
    removals: [],
    notes: [`cached objects are kept: ${reason}`],
  });
  const listed = cache.list();
  if (listed.length === 0) return { removals: [], notes: [] };
  if (repository.isCacheShared && !shared)
    return keep(`${repository.cache} lies outside of this repository, and others may use it (--shared)`);
  const named = nameObjects(scope, current, keep);
  if (!(named instanceof Set)) return named;
  const nowMs = Date.parse(context.clock.nowIso());
  return {
    removals: listed
      .filter(
        (object) => !named.has(objectKey(object.md5, object.hash)) && nowMs - object.changedMs > YOUNG_MS,
      )
      .map(
        (object): Removal => ({
          kind: 'cached object',
          name: object.md5,
          reason: 'unnamed',
          sizeBytes: object.sizeBytes,
          remove: async () => cache.delete(object),
        }),
      ),
    notes: [],
  };
}

/** The keys of all objects that are named; or a plan that keeps everything, if that cannot be known. */
function nameObjects(
  scope: DataScope,
  current: boolean,
  keep: (reason: string) => RemovalPlan,
): Set<string> | RemovalPlan {
  const { repository, found, cache } = scope;
  const [broken] = found.broken;
  if (broken !== undefined) return keep(broken.error.message);
  const unknown = found.data.find(
    ({ md5, hash, isCached }) =>
      isCached && md5?.endsWith('.dir') === true && cache.check({ md5, hash }) !== 'whole',
  );
  if (unknown !== undefined)
    return keep(
      `the list of files of ${nameInRepository(repository.root, unknown.path)} is not in the cache`,
    );
  const all = [...found.data, ...(repository.isGit && !current ? readCommittedData(repository) : [])];
  const named = new Set<string>();
  for (const data of all)
    for (const object of listObjects(data, scope)) for (const key of keysOf(object)) named.add(key);
  return named;
}

/** Pointers of commits; those that cannot be read name nothing. */
function readCommittedData(repository: DataRepository): TrackedData[] {
  return readCommittedPointers(repository.root).flatMap(({ path, text }) => {
    try {
      return parsePointerFile(text, path, null); // today's dvc.yaml says nothing of an earlier commit
    } catch (error) {
      if (isAppError(error)) return [];
      throw error;
    }
  });
}

/** A file of version-aware data may lie in the cache under its plain md5. */
function keysOf({ md5, hash }: NamedObject): string[] {
  return [objectKey(md5, hash), objectKey(md5, 'md5')];
}
