// Reads and writes the cache folder that this program shares with Python's huggingface_hub:
// models--org--name/{blobs,refs,snapshots}. A blob is named by its etag, a snapshot is a folder of relative links to
// blobs, and a ref holds the commit of a branch. Files are renamed into place, so other programs never see half a file.
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  asDiskError,
  createTemporaryName,
  errorCodeOf,
  isAppError,
  makeFolder,
  writeFileAtomic,
} from '../../foundation/core/index.ts';
import { listMissingFiles } from './checkpoint-files.ts';

const NO_LINKS_HERE = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'UNKNOWN'];

export interface CacheLayout {
  readonly folder: string;
  readonly blobsFolder: string;
  blobPath(etag: string): string;
  snapshotFolder(commit: string): string;
  refPath(revision: string): string;
}

export function cacheLayoutOf(cacheFolder: string, name: string): CacheLayout {
  const folder = join(cacheFolder, ['models', ...name.split('/')].join('--'));
  return {
    folder,
    blobsFolder: join(folder, 'blobs'),
    blobPath: (etag) => join(folder, 'blobs', etag),
    snapshotFolder: (commit) => join(folder, 'snapshots', commit),
    refPath: (revision) => join(folder, 'refs', ...revision.split('/')),
  };
}

export interface CachedSnapshot {
  readonly folder: string;
  readonly commit: string;
  /** The files that the snapshot lacks to be a checkpoint; empty if it is complete. */
  readonly missing: readonly string[];
}

/**
 * Finds the snapshot of a revision without a request: by commit, by the ref of a branch or tag, or in a folder
 * `snapshots/main` that a user filled by hand. Returns the first complete one, else the first candidate.
 */
export function findSnapshot(layout: CacheLayout, revision: string): CachedSnapshot {
  const candidates = [...(isCommit(revision) ? [] : readRef(layout, revision)), revision].map((commit) => {
    const folder = layout.snapshotFolder(commit);
    const has = (file: string): boolean => existsSync(join(folder, file));
    const missing = listMissingFiles(has, (file) => readFileSync(join(folder, file), 'utf8'));
    return { folder, commit, missing };
  });
  return (
    candidates.find(({ missing }) => missing.length === 0) ??
    candidates.find(({ folder }) => existsSync(folder)) ??
    candidates.at(-1)!
  );
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Saves the commit of a branch or tag; a commit needs no ref. A read-only cache is left unchanged. */
export function saveRef(layout: CacheLayout, revision: string, commit: string): void {
  if (revision === commit || readRef(layout, revision)[0] === commit) return;
  try {
    writeFileAtomic(layout.refPath(revision), commit);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'SYSTEM_REFUSED') throw error;
  }
}

/**
 * Puts a blob into a snapshot under the name of its file, as a relative link, so that the cache may be moved. If links are
 * not available, the file itself goes there: moved if no other snapshot can refer to the blob, else copied.
 * @throws DISK_FULL
 */
export async function linkBlob(
  layout: CacheLayout,
  {
    etag,
    path,
    isNewBlob,
    useSymlinks,
  }: { etag: string; path: string; isNewBlob: boolean; useSymlinks: boolean },
): Promise<void> {
  makeFolder(dirname(path));
  const temporary = createTemporaryName(path);
  try {
    if (!useSymlinks || !(await trySymlink(`../../blobs/${etag}`, temporary))) {
      if (isNewBlob) return await rename(layout.blobPath(etag), path);
      await copyFile(layout.blobPath(etag), temporary);
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asDiskError(error, path);
  }
}

async function trySymlink(target: string, path: string): Promise<boolean> {
  try {
    await symlink(target, path, 'file');
    return true;
  } catch (error) {
    if (NO_LINKS_HERE.includes(errorCodeOf(error) ?? '')) return false;
    throw error;
  }
}

function readRef(layout: CacheLayout, revision: string): readonly string[] {
  try {
    const commit = readFileSync(layout.refPath(revision), 'utf8').trim();
    return /^\w[\w.-]*$/.test(commit) ? [commit] : [];
  } catch {
    return []; // no such ref: the branch has never been downloaded
  }
}
