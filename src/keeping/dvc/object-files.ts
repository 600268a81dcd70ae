// Moves single files between the data and the cache, on the thread that calls. A file becomes an object, or an object a file,
// under a temporary name that is renamed when all of it is there and its md5 is right.
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  appError,
  asSystemError,
  createTemporaryName,
  errorCodeOf,
  hashMd5,
  makeFolder,
} from '../../foundation/core/index.ts';
import { type FileHash, type HashKind, isHash } from './content-hash.ts';
import { hashBytes, hashFileSync } from './file-hash.ts';
import type { FileStamp } from './file-state.ts';
import type { LinkType } from './repository.ts';
import { copyLargeFile } from './sparse-copy.ts';
import { objectKey } from './tracked-data.ts';

/** Files up to this size are read whole: one read, one write. */
const WHOLE_BYTES = 8 * 2 ** 20;
const READ_ONLY = 0o444;

/** The folders of a cache. */
export interface CachePlace {
  readonly cache: string;
  readonly temporary: string;
}

/**
 * Copies a file into the cache, unless it is there.
 * @throws FILE_NOT_FOUND, DISK_FULL, SYSTEM_REFUSED
 */
export function storeFile(path: string, place: CachePlace): FileHash {
  try {
    const sizeBytes = statSync(path).size;
    return sizeBytes <= WHOLE_BYTES ? storeWhole(path, place) : storeCopy(path, place);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
    throw asSystemError(error, path, 'read');
  }
}

/** Puts bytes into the cache under the name that they have there. @param md5 with `.dir` for a manifest */
export function storeBytes(bytes: Uint8Array, md5: string, place: CachePlace): void {
  const target = join(place.cache, objectKey(md5, 'md5'));
  if (isWhole(target, md5, bytes.byteLength)) return;
  const temporary = openTemporary(place);
  try {
    const file = openSync(temporary, 'wx', READ_ONLY);
    try {
      for (let offset = 0; offset < bytes.byteLength; ) offset += writeSync(file, bytes, offset);
    } finally {
      closeSync(file);
    }
    moveFile(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw asSystemError(error, target, 'write');
  }
}

function storeWhole(path: string, place: CachePlace): FileHash {
  const bytes = readFileSync(path);
  const md5 = hashMd5(bytes);
  storeBytes(bytes, md5, place);
  return { md5, sizeBytes: bytes.byteLength };
}

/** Copies first and hashes the copy: the file may be changed meanwhile. */
function storeCopy(path: string, place: CachePlace): FileHash {
  const temporary = openTemporary(place);
  try {
    copyFileSync(path, temporary, constants.COPYFILE_FICLONE);
    const stored = hashFileSync(temporary, 'md5');
    keepObject(temporary, stored, place);
    return stored;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Makes a temporary file an object, unless it is there. */
export function keepObject(temporary: string, { md5, sizeBytes }: FileHash, place: CachePlace): void {
  const target = join(place.cache, objectKey(md5, 'md5'));
  if (isWhole(target, md5, sizeBytes)) return;
  chmodSync(temporary, READ_ONLY);
  moveFile(temporary, target);
}

/** Whether an object is there with these bytes; a damaged one is replaced by whoever has the right bytes. */
function isWhole(path: string, md5: string, sizeBytes: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === sizeBytes && isHash(hashFileSync(path, 'md5'), md5);
}

/** An object that becomes a file. */
export interface PlacedObject {
  /** The object's file. */
  readonly object: string;
  readonly md5: string;
  readonly hash: HashKind;
  /** False: it was verified before and has not changed since. */
  readonly isChecked: boolean;
  readonly target: string;
  readonly isExecutable: boolean;
}

/**
 * Writes the file of an object: as a copy or a link.
 * @returns the link types that the file system has, the first one is tried first the next time; and what the file is then
 * @throws CACHE_OBJECT_CORRUPT, CACHE_OBJECT_MISSING, DISK_FULL, SYSTEM_REFUSED
 */
export function placeObject(
  { object, md5, hash, isChecked, target, isExecutable }: PlacedObject,
  linkTypes: readonly LinkType[],
  place: CachePlace,
): { readonly left: readonly LinkType[]; readonly stamp: FileStamp | null } {
  const temporary = openTemporary(place);
  try {
    const { size } = statSync(object);
    const bytes = size <= WHOLE_BYTES && (isChecked || linkTypes[0] === 'copy') ? readFileSync(object) : null;
    if (isChecked) {
      const found = bytes === null ? hashFileSync(object, hash) : hashBytes(bytes, hash);
      if (!isHash(found, md5))
        throw appError('CACHE_OBJECT_CORRUPT', { path: object, expected: md5, got: found.md5 });
    }
    const left = linkObject(object, bytes, temporary, linkTypes);
    const isLink = left[0] === 'hardlink' || left[0] === 'symlink';
    if (isExecutable && !isLink) chmodSync(temporary, statSync(temporary).mode | 0o111);
    const before = statSync(temporary);
    moveFile(temporary, target);
    const { size: sizeBytes, mtimeMs, ctimeMs, ino } = statSync(target);
    const isSame = sizeBytes === before.size && mtimeMs === before.mtimeMs && ino === before.ino;
    return { left, stamp: isSame ? { size: sizeBytes, mtimeMs, ctimeMs, ino } : null };
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('CACHE_OBJECT_MISSING', { path: object, md5 });
    throw asSystemError(error, target, 'write');
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** What a file system answers when it has no such links, or not to there. */
const NO_LINK = new Set([
  'EXDEV',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EINVAL',
  'ENOTTY',
  'ENOSYS',
  'EPERM',
  'EMLINK',
  'EACCES',
]);

/** Tries the types in their order, and copies in the end. */
function linkObject(
  object: string,
  bytes: Uint8Array | null,
  temporary: string,
  linkTypes: readonly LinkType[],
): readonly LinkType[] {
  for (const [i, type] of linkTypes.entries()) {
    try {
      if (type === 'reflink') copyFileSync(object, temporary, constants.COPYFILE_FICLONE_FORCE);
      else if (type === 'hardlink') linkSync(object, temporary);
      else if (type === 'symlink') symlinkSync(object, temporary);
      else writeCopy(object, bytes, temporary);
      if (type === 'reflink') chmodSync(temporary, newFileMode());
      return linkTypes.slice(i);
    } catch (error) {
      rmSync(temporary, { force: true });
      if (type === 'copy' || !NO_LINK.has(errorCodeOf(error) ?? '')) throw error;
    }
  }
  writeCopy(object, bytes, temporary);
  return ['copy'];
}

function writeCopy(object: string, bytes: Uint8Array | null, temporary: string): void {
  if (bytes === null) {
    copyLargeFile(object, temporary);
    chmodSync(temporary, newFileMode());
    return;
  }
  const file = openSync(temporary, 'wx', 0o666);
  try {
    for (let offset = 0; offset < bytes.byteLength; ) offset += writeSync(file, bytes, offset);
  } finally {
    closeSync(file);
  }
}

let umask: number | null = null;
/** The mode that a new file gets; the umask is read once, since a worker thread must not set it. */
function newFileMode(): number {
  umask ??= process.umask();
  return 0o666 & ~umask;
}

function openTemporary({ temporary }: CachePlace): string {
  return createTemporaryName(join(temporary, 'object'));
}

const madeFolders = new Set<string>();

/** Renames; across disks a copy is renamed. Folders that are missing are made. */
export function moveFile(from: string, to: string): void {
  const folder = dirname(to);
  try {
    if (!madeFolders.has(folder)) {
      makeFolder(folder);
      madeFolders.add(folder);
    }
    renameSync(from, to);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' && madeFolders.delete(folder)) {
      moveFile(from, to); // the folder was deleted since
      return;
    }
    if (errorCodeOf(error) !== 'EXDEV') throw error;
    const beside = createTemporaryName(to);
    try {
      copyFileSync(from, beside);
      chmodSync(beside, statSync(from).mode);
      renameSync(beside, to);
    } finally {
      rmSync(beside, { force: true });
    }
    rmSync(from, { force: true });
  }
}
