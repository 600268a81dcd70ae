// `data status`: whether data is what its pointer says, and whether its objects are in the cache.
import { isAppError } from '../../foundation/core/index.ts';
import { type NamedObject, nameInRepository, objectKey, type TrackedData } from '../../keeping/dvc/index.ts';
import { findObjects, openRemote } from '../../keeping/remotes/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import {
  type ComparedData,
  compareData,
  type DataChanges,
  type DataState,
  listChanges,
  listMeasuredFiles,
} from './data-comparison.ts';
import { type DataScope, groupByRemote, openDataScope, selectData, withObjectPool } from './data-scope.ts';
import { chooseRemote } from './remote-choice.ts';
import { buildVersionedManifest, isVersionedData } from './versioned-objects.ts';

/** How many of the objects that a pointer names are in the cache. */
export interface CacheCount {
  readonly objects: number;
  readonly missing: number;
  /** Those whose bytes are not what their name says; they are looked for with `verify` only. */
  readonly corrupt: readonly string[];
  /** The files that have these bytes, below the root. */
  readonly damagedFiles: readonly string[];
}

export interface DataStatus {
  /** Below the root of the repository. */
  readonly path: string;
  readonly pointer: string;
  /** The stage of `dvc.lock` that has written it; null for data that was added. */
  readonly stage: string | null;
  readonly state: DataState;
  /** Why it cannot be compared, such as a damaged list of files; null: it was. */
  readonly problem: StatusProblem | null;
  readonly sizeBytes: number | null;
  readonly files: number | null;
  /** Of a folder that has changed: its files by name; null where they are not known. */
  readonly changes: DataChanges | null;
  /** Null: it is kept out of the cache. */
  readonly cache: CacheCount | null;
  /** Null: no remote was asked, or the data does not go to one. */
  readonly remote: RemoteCount | null;
}

export interface StatusProblem {
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** How many of the objects that a pointer names are in the remote. */
export interface RemoteCount {
  readonly url: string;
  readonly objects: number;
  readonly missing: number;
}

export interface StatusReport {
  readonly repository: string;
  readonly cache: string;
  readonly data: readonly DataStatus[];
  /** Pointers that cannot be read. */
  readonly broken: readonly { readonly pointer: string; readonly message: string }[];
}

export interface StatusOptions {
  /** Also reads the objects in the cache. */
  readonly verify: boolean;
  /** Also asks this remote: a name, an address or a folder; null: the default one; undefined: none. */
  readonly remote?: string | null | undefined;
}

/**
 * @throws DATA_NOT_REPOSITORY, POINTER_NOT_FOUND, DATA_OUTSIDE_REPOSITORY
 */
export async function readDataStatus(
  paths: readonly string[],
  { verify, remote }: StatusOptions,
  context: WorkflowContext,
): Promise<StatusReport> {
  const scope = openDataScope(context);
  const { repository, found } = scope;
  const chosen = paths.length === 0 ? found.data : selectData(paths, scope, context);
  const broken = paths.length === 0 ? found.broken : [];
  const inRemote =
    remote === undefined
      ? new Map<TrackedData, RemoteCount>()
      : await askRemotes(chosen, remote, scope, context);
  const data = await withObjectPool(repository, context, async (pool) => {
    const statuses: DataStatus[] = [];
    for (const one of chosen) {
      const { state, measured, expected, problem } = await tryToCompare(one, { ...scope, pool }, context);
      const isFolder = measured?.files != null && expected !== null;
      statuses.push({
        path: nameInRepository(repository.root, one.path),
        pointer: nameInRepository(repository.root, one.pointer),
        stage: one.stage,
        state,
        problem,
        sizeBytes: one.sizeBytes,
        files: one.files,
        changes:
          isFolder && state !== 'unchanged' ? listChanges(listMeasuredFiles(measured), expected) : null,
        cache: one.isCached ? countCached(one, scope, verify) : null,
        remote: inRemote.get(one) ?? null,
      });
    }
    return statuses;
  });
  if (verify) scope.cache.saveChecks();
  return {
    repository: repository.root,
    cache: repository.cache,
    data,
    broken: broken.map(({ path, error }) => ({
      pointer: nameInRepository(repository.root, path),
      message: error.message,
    })),
  };
}

/** What keeps one entry from being compared is told with it; the others are shown. */
async function tryToCompare(
  data: TrackedData,
  tools: Parameters<typeof compareData>[1],
  { signal }: WorkflowContext,
): Promise<ComparedData & Pick<DataStatus, 'problem'>> {
  try {
    return { ...(await compareData(data, tools)), problem: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!isAppError(error)) throw error;
    const { code, message, hint } = error;
    return { state: 'unknown', measured: null, expected: null, problem: { code, message, hint } };
  }
}

async function askRemotes(
  data: readonly TrackedData[],
  asked: string | null,
  scope: DataScope,
  context: WorkflowContext,
): Promise<Map<TrackedData, RemoteCount>> {
  const counts = new Map<TrackedData, RemoteCount>();
  const pushed = data.filter((one) => one.isCached && one.isPushed && !isVersionedData(one));
  for (const [name, group] of groupByRemote(pushed, asked)) {
    const remote = await openRemote(chooseRemote(scope.repository, { name }, context).settings);
    const keysOf = (one: TrackedData): string[] =>
      listObjects(one, scope).map(({ md5, hash }) => objectKey(md5, hash));
    const found = await findObjects(remote, group.flatMap(keysOf), { signal: context.signal });
    for (const one of group) {
      const keys = keysOf(one);
      const missing = keys.filter((key) => !found.has(key)).length;
      counts.set(one, { url: remote.url, objects: keys.length, missing });
    }
  }
  return counts;
}

function countCached(data: TrackedData, { cache, repository }: DataScope, verify: boolean): CacheCount {
  const name = nameInRepository(repository.root, data.path);
  const objects = listObjects(data, { cache });
  const states = objects.map((object) =>
    verify ? cache.check(object) : cache.has(object) ? 'whole' : 'missing',
  );
  const corrupt = objects.filter((_, i) => states[i] === 'corrupt');
  return {
    objects: objects.length,
    missing: states.filter((state) => state === 'missing').length,
    corrupt: [...new Set(corrupt.map(({ md5 }) => md5))],
    damagedFiles: corrupt.map(({ relpath }) => (relpath === '' ? name : `${name}/${relpath}`)),
  };
}

/** An object, and the file that it is, below the data; empty for the data itself, and for the list of its files. */
export interface ObjectOfFile extends NamedObject {
  readonly relpath: string;
}

/** The objects that a pointer names; of a folder whose manifest is missing or damaged, only the manifest. */
export function listObjects(data: TrackedData, { cache }: Pick<DataScope, 'cache'>): ObjectOfFile[] {
  const { md5, hash, versionedFiles } = data;
  if (versionedFiles !== null) {
    const manifest = buildVersionedManifest(data);
    const list =
      manifest === null
        ? []
        : [{ md5: manifest.md5, hash, relpath: '' }].filter((object) => cache.has(object));
    return [
      ...list,
      ...versionedFiles.flatMap((file) =>
        file.md5 === null ? [] : [{ md5: file.md5, hash, relpath: file.relpath }],
      ),
    ];
  }
  if (md5 === null) return [];
  const own = { md5, hash, relpath: '' };
  if (!md5.endsWith('.dir') || !cache.has(own)) return [own];
  try {
    return [own, ...cache.readManifest(own).map((file) => ({ md5: file.md5, hash, relpath: file.relpath }))];
  } catch (error) {
    if (isAppError(error)) return [own];
    throw error;
  }
}
