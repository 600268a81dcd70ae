// Finds the folder of this package, and so its files (configurations, sample, page, workers), whether the code runs from
// sources (tests), from modules in dist/ (imports), or from bundles in dist/program/ (the program).
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { invariant } from './errors.ts';

/** Absolute path of the folder of package.json, with a trailing slash. */
export const packageRoot: string = fileURLToPath(findRoot(new URL('.', import.meta.url)));

function findRoot(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('..', folder);
  invariant(above.href !== folder.href, 'the program lies in no package');
  return findRoot(above);
}
