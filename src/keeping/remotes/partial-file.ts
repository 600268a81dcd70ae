// Files that are being received: each has the name of its process, so that no two processes write into the same one. What a
// killed process has left is taken over by a rename, which only one process can win.
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createTemporaryName, errorCodeOf, isAbandoned } from '../../foundation/core/index.ts';

/** Partial files that this process is writing now; others of its own are left from a transfer that was stopped. */
const inUse = new Set<string>();

export interface PartialFile {
  readonly path: string;
  /** How many bytes an earlier try has left. */
  readonly sizeBytes: number;
}

/**
 * Takes the largest partial file of `target` that nobody writes, or names a new one that is not there yet. Call `leavePartialFile`
 * afterwards.
 */
export function takePartialFile(target: string): PartialFile {
  const own = createTemporaryName(target);
  inUse.add(own);
  for (const { path, sizeBytes } of listFree(target)) {
    try {
      renameSync(path, own);
      return { path: own, sizeBytes };
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error; // ENOENT: another process was faster
    }
  }
  return { path: own, sizeBytes: 0 };
}

/** Says that this process writes the partial file no more; what is left of it may be taken over. */
export function leavePartialFile(path: string): void {
  inUse.delete(path);
}

function listFree(target: string): { readonly path: string; readonly sizeBytes: number }[] {
  const folder = dirname(target);
  if (!existsSync(folder)) return [];
  const start = `${basename(target)}.tmp-`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(start))
    .map((name) => join(folder, name))
    .filter((path) => !inUse.has(path) && (isOwn(path) || isAbandoned(path, Date.now())))
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() ? [{ path, sizeBytes: stat.size }] : [];
    })
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}

function isOwn(path: string): boolean {
  const [own] = createTemporaryName('').match(/^\.tmp-\d+-[0-9a-f]+-/)!;
  return basename(path).includes(own);
}
