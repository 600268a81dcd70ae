// Paths in a configuration: relative ones start at the working directory, `package:` ones at the root of this package,
// so that a shipped configuration can name a shipped file wherever the program is installed.
import { resolve } from 'node:path';
import { packageRoot } from '../../foundation/core/index.ts';

const PREFIX = 'package:';

/** `package:sample/articles.jsonl`, say: a file that comes with the program; all of its articles are invented. */
export function isPackagePath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** @returns an absolute path; whether it exists is not looked at */
export function resolveDataPath(path: string, workingDirectory: string): string {
  return isPackagePath(path)
    ? resolve(packageRoot, path.slice(PREFIX.length))
    : resolve(workingDirectory, path);
}
