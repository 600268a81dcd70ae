// Temporary names of files and folders that are being written, and the search for those that a killed process left behind.
// A name says which process writes under it: <target>.tmp-<process>-<8 hex of its process space>-<8 random hex>.
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { measureFolder } from './folder-size.ts';
import { hashSha256 } from './hash.ts';
import { isProcessAlive } from './process-alive.ts';
import { processSpace } from './process-space.ts';
import { errorCodeOf } from './system-error.ts';

/** Names of earlier versions have no process space; `.incoming-` is how the registry named its folders. */
const TEMPORARY =
  /(?:\.tmp-(?<id>\d+)(?:-(?<space>[0-9a-f]{8}))?-[0-9a-f]{8}|^\.incoming-(?<old>\d+)-[0-9a-f]{8}|^preparing-\w{6})$/;

/** What another machine or container may still be writing is left alone until it is this old. */
const FOREIGN_AGE_MS = 24 * 3_600_000;

/** A file or folder that no living process writes. */
export interface Leftover {
  readonly path: string;
  readonly sizeBytes: number;
}

/** A new temporary name beside `path`. */
export function createTemporaryName(path: string): string {
  return `${path}.tmp-${process.pid}-${shortSpace()}-${randomBytes(4).toString('hex')}`;
}

/**
 * Finds what killed processes left half-written below `folder`, which need not exist. What lies in a leftover is part of it.
 * @param isSkipped  by absolute path: folders that are not entered
 */
export function findLeftovers(
  folder: string,
  { nowMs, isSkipped = () => false }: { readonly nowMs: number; isSkipped?(path: string): boolean },
): Leftover[] {
  return listEntries(folder).flatMap(({ name, isFolder }) => {
    const path = join(folder, name);
    if (TEMPORARY.test(name)) return isAbandoned(path, nowMs) ? [{ path, sizeBytes: measure(path) }] : [];
    return isFolder && !isSkipped(path) ? findLeftovers(path, { nowMs, isSkipped }) : [];
  });
}

/** Removes what others left half-written below a folder that nobody but the caller may write to now. */
export function removeLeftovers(folder: string): void {
  for (const { path } of findLeftovers(folder, { nowMs: Number.POSITIVE_INFINITY }))
    rmSync(path, { recursive: true, force: true });
}

/** True if the process that wrote under this temporary name is gone. */
export function isAbandoned(path: string, nowMs: number): boolean {
  const found = TEMPORARY.exec(basename(path));
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (found === null || stat === undefined) return false;
  const { id, old, space } = found.groups ?? {};
  const number = id ?? old;
  const isOurSpace = space === undefined ? number !== undefined : space === shortSpace();
  if (!isOurSpace) return nowMs - stat.mtimeMs > FOREIGN_AGE_MS;
  const sinceMs = stat.birthtimeMs > 0 ? stat.birthtimeMs : stat.mtimeMs;
  return !isProcessAlive(Number(number), new Date(sinceMs).toISOString());
}

function measure(path: string): number {
  const stat = lstatSync(path);
  return stat.isDirectory() ? measureFolder(path) : stat.size;
}

function listEntries(folder: string): { readonly name: string; readonly isFolder: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    }));
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

function shortSpace(): string {
  return hashSha256(processSpace()).slice(0, 8);
}
