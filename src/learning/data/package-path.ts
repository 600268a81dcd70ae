// Resolves the paths of a configuration: relative paths start at the working directory, `package:` paths at the root of
// this package, so that a bundled configuration can name a bundled file wherever the program is installed.
import { resolve } from 'node:path';
import { packageRoot, resolveUserPath } from '../../foundation/core/index.ts';

const PREFIX = 'package:';

/** True for `package:sample/articles.jsonl` and the like: files of this package, whose articles are all invented. */
export function isPackagePath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** @returns an absolute path, which need not exist */
export function resolveDataPath(path: string, workingDirectory: string): string {
  return isPackagePath(path)
    ? resolve(packageRoot, path.slice(PREFIX.length))
    : resolveUserPath(workingDirectory, path);
}
