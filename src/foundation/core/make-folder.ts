// Makes a folder with the folders above it. Node's own recursive mkdir never ends where the system refuses a folder with
// "no such file" although its parent is there (/proc), and reports a read-only file system as "no such file".
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { asSystemError, errorCodeOf, refuseNewFolder } from './system-error.ts';

/**
 * Makes `path` and whatever is missing above it; does nothing if it is there.
 * @throws DISK_FULL, SYSTEM_REFUSED
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  // Up to the first folder that is there …
  while (!tryFolder(at)) {
    missing.push(at);
    at = dirname(at);
  }
  // … then down again.
  for (const folder of missing.reverse()) {
    if (!tryFolder(folder)) throw refuseNewFolder(folder, undefined); // what was made is gone again
  }
}

/**
 * Writes a probe file into `path` and removes it again, with the folders that had to be made.
 * @throws DISK_FULL, SYSTEM_REFUSED
 */
export function assertFolderWritable(path: string): void {
  const made: string[] = [];
  for (let at = resolve(path); !isFolder(at) && dirname(at) !== at; at = dirname(at)) made.push(at);
  try {
    makeFolder(path);
    const probe = join(path, `.probe-${process.pid}-${randomBytes(4).toString('hex')}`);
    try {
      writeFileSync(probe, 'probe', { flag: 'wx', flush: true });
      renameSync(probe, `${probe}.moved`);
    } catch (error) {
      throw asSystemError(error, path, 'write into');
    } finally {
      rmSync(probe, { force: true });
      rmSync(`${probe}.moved`, { force: true });
    }
  } finally {
    for (const folder of made) removeIfEmpty(folder);
  }
}

/**
 * Checks that a file could be written at `path`: before work whose result goes there.
 * @throws DISK_FULL, SYSTEM_REFUSED
 */
export function assertFileWritable(path: string): void {
  const inTheWay = Object.assign(new Error('a folder'), { code: 'EISDIR' });
  if (isFolder(path)) throw asSystemError(inTheWay, path, 'write');
  assertFolderWritable(dirname(resolve(path)));
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    // Another process has put something there, or the folder could not be made at all.
    const code = errorCodeOf(error);
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EROFS', 'EACCES', 'EPERM'].includes(code ?? ''))
      throw asSystemError(error, folder, 'remove');
  }
}

/** Whether the folder is there now; false: the folder above it is missing. @throws DISK_FULL, SYSTEM_REFUSED */
function tryFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    // Windows reports EPERM for the root of a drive, and some systems EROFS for a folder that is there.
    if (isFolder(path)) return true;
    // Another process has removed it since then, as assertFolderWritable does.
    if (errorCodeOf(error) === 'EEXIST' && !isThere(path)) return tryFolder(path);
    if (errorCodeOf(error) !== 'ENOENT') throw asSystemError(error, path, 'create');
    if (isFolder(dirname(path)) || dirname(path) === path) throw refuseNewFolder(path, error);
    return false;
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // it is missing, or lies below a file
  }
}
