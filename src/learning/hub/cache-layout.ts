// The cache folder that Python's huggingface_hub and this program share: models--org--name/{blobs,refs,snapshots}. A
// blob is named by its etag, a snapshot is a folder of relative links to blobs, a ref holds the commit of a branch.
// Readers of other programs never see half a file: everything is renamed into place.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asDiskError, errorCodeOf, writeFileAtomic } from '../../foundation/core/index.ts';
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
  /** What it lacks to be a checkpoint; empty = complete. */
  readonly missing: readonly string[];
}

/**
 * The snapshot of a revision, without asking anyone: by commit, by the ref of a branch or tag, or a folder
 * `snapshots/main` that somebody filled by hand. The first complete one, else the first that there could be.
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

/** Remembers which commit a branch or tag is at; a commit needs no ref. A cache that is only to be read is left so. */
export function saveRef(layout: CacheLayout, revision: string, commit: string): void {
  if (revision === commit || readRef(layout, revision)[0] === commit) return;
  try {
    writeFileAtomic(layout.refPath(revision), commit);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(errorCodeOf(error) ?? '')) throw error;
  }
}

/**
 * Puts a blob into a snapshot under its file's name: by a relative link, so that the cache may be moved. Where links
 * are not to be had the file itself goes there: moved if nobody else can know the blob, else copied.
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
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`;
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
    return []; // no such ref: the branch was never loaded
  }
}
