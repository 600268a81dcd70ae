// Finds all pointers of a repository: `.dvc` files, and the outputs of `dvc.lock`. Folders that `.dvcignore` or `.gitignore`
// leave out are not entered, nor those that a pointer names.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError } from '../../foundation/core/index.ts';
import { LOCK_FILE, parseLockFile } from './lock-file.ts';
import { POINTER_SUFFIX, parsePointer } from './pointer.ts';
import { nameInRepository, type TrackedData } from './tracked-data.ts';
import { IGNORE_FILE, loadIgnoreRules } from './walk-data.ts';

/** Folders that hold no pointers and may be large. */
const NEVER_ENTERED = new Set(['.git', '.hg', '.dvc', '.veracity', 'node_modules', '__pycache__', '.venv']);

export interface FoundPointers {
  readonly data: readonly TrackedData[];
  /** Pointers that cannot be read, with the reason. */
  readonly broken: readonly { readonly path: string; readonly error: Error }[];
}

/** Reads every pointer below `root`. */
export function findPointers(root: string): FoundPointers {
  const data: TrackedData[] = [];
  const tracked = new Set<string>();
  const broken: { path: string; error: Error }[] = [];
  const visit = (folder: string, rules: ReturnType<typeof loadIgnoreRules>): void => {
    const base = nameInRepository(root, folder);
    const prefix = base === '.' ? '' : `${base}/`;
    let own = rules;
    if (folder !== root) own = own.withFile(join(folder, IGNORE_FILE), base);
    const inGit = own.withFile(join(folder, '.gitignore'), base === '.' ? '' : base);
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const { name } of entries) {
      if (!isPointerName(name) || own.ignores(`${prefix}${name}`, false)) continue;
      const path = join(folder, name);
      try {
        for (const one of readPointer(path)) {
          data.push(one);
          tracked.add(one.path);
        }
      } catch (error) {
        if (!isAppError(error)) throw error;
        broken.push({ path, error });
      }
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory() || NEVER_ENTERED.has(entry.name) || tracked.has(path)) continue;
      if (!inGit.ignores(`${prefix}${entry.name}`, true)) visit(path, inGit);
    }
  };
  visit(root, loadIgnoreRules(root, root));
  return { data, broken };
}

/** Whether a file of this name is a pointer. */
export function isPointerName(name: string): boolean {
  return name === LOCK_FILE || (name.endsWith(POINTER_SUFFIX) && name !== POINTER_SUFFIX);
}

/** Reads a `.dvc` file or a `dvc.lock`. @throws POINTER_INVALID */
export function readPointer(path: string): TrackedData[] {
  return parsePointerFile(readFileSync(path, 'utf8'), path);
}

/**
 * As readPointer, from a text that is at hand, such as that of an earlier commit.
 * @param pipeline  the `dvc.yaml` that belongs to it, of the same commit; null: none. Default: the one that lies beside it
 * @throws POINTER_INVALID
 */
export function parsePointerFile(text: string, path: string, pipeline?: string | null): TrackedData[] {
  return path.endsWith(LOCK_FILE) ? parseLockFile(text, path, pipeline) : parsePointer(text, path);
}
