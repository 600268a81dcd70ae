// Compares data as it lies there with what its pointer says.
import { lstatSync } from 'node:fs';
import {
  type DataRepository,
  isCheckoutUnfinished,
  isFolderData,
  type ManifestFile,
  type MeasuredData,
  measureData,
  type ObjectCache,
  type ObjectPool,
  type TrackedData,
} from '../../keeping/dvc/index.ts';

/** unfinished: its checkout was stopped in the middle; unknown: the pointer has no hash to compare with. */
export type DataState = 'unchanged' | 'changed' | 'missing' | 'unfinished' | 'unknown';

export interface ComparedData {
  readonly state: DataState;
  /** What lies there; null if nothing does. */
  readonly measured: MeasuredData | null;
  /** What the pointer names; null if the manifest of the folder is not in the cache. */
  readonly expected: readonly ManifestFile[] | null;
}

interface ComparisonTools {
  readonly repository: DataRepository;
  readonly cache: ObjectCache;
  readonly pool: ObjectPool;
}

export async function compareData(data: TrackedData, tools: ComparisonTools): Promise<ComparedData> {
  const { repository, cache, pool } = tools;
  const expected = listExpectedFiles(data, cache);
  if (lstatSync(data.path, { throwIfNoEntry: false }) === undefined)
    return {
      state: isCheckoutUnfinished(repository, data.path) ? 'unfinished' : 'missing',
      measured: null,
      expected,
    };
  const measured = await measureData({
    root: repository.root,
    temporary: repository.temporary,
    path: data.path,
    hash: data.hash,
    expected: new Map(expected?.map(({ relpath, md5 }) => [relpath, md5])),
    read: (files) => pool.hash(files, data.hash),
  });
  if (isCheckoutUnfinished(repository, data.path)) return { state: 'unfinished', measured, expected };
  return { state: compareHashes(data, measured, expected), measured, expected };
}

function compareHashes(
  data: TrackedData,
  { record, files }: MeasuredData,
  expected: readonly ManifestFile[] | null,
): DataState {
  if (data.md5 !== null) {
    const isSame =
      data.md5 === record.md5 && (data.isExecutable === record.isExecutable || data.md5.endsWith('.dir'));
    return isSame ? 'unchanged' : 'changed';
  }
  if (data.versionedFiles === null || expected === null) return 'unknown';
  const { added, modified, removed } = listChanges(files ?? [], expected);
  return added.length + modified.length + removed.length === 0 ? 'unchanged' : 'changed';
}

/**
 * The files that the pointer names: one without a path for a file; null if they cannot be known from here.
 * @throws CACHE_OBJECT_CORRUPT, CACHE_OBJECT_INVALID
 */
export function listExpectedFiles(data: TrackedData, cache: ObjectCache): readonly ManifestFile[] | null {
  if (data.versionedFiles !== null) {
    const known = data.versionedFiles.flatMap(({ relpath, md5 }) => (md5 === null ? [] : [{ relpath, md5 }]));
    return known.length === data.versionedFiles.length ? known : null;
  }
  if (data.md5 === null) return null;
  if (!isFolderData(data)) return [{ relpath: '', md5: data.md5 }];
  const manifest = { md5: data.md5, hash: data.hash };
  return cache.has(manifest) ? cache.readManifest(manifest) : null;
}

export interface DataChanges {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly removed: readonly string[];
}

/** What lies there beside what is expected, by path. */
export function listChanges(files: readonly ManifestFile[], expected: readonly ManifestFile[]): DataChanges {
  const wanted = new Map(expected.map(({ relpath, md5 }) => [relpath, md5]));
  const there = new Set(files.map(({ relpath }) => relpath));
  return {
    added: files.filter(({ relpath }) => !wanted.has(relpath)).map(({ relpath }) => relpath),
    modified: files
      .filter(({ relpath, md5 }) => wanted.has(relpath) && wanted.get(relpath) !== md5)
      .map(({ relpath }) => relpath),
    removed: expected.filter(({ relpath }) => !there.has(relpath)).map(({ relpath }) => relpath),
  };
}

/** The files of measured data: one without a path for a file. */
export function listMeasuredFiles({ record, files }: MeasuredData): readonly ManifestFile[] {
  return files ?? [{ relpath: '', md5: record.md5! }];
}
