// Where this package lies, so that shipped files (configurations, sample, page, workers) are found however the code that
// asks was put together: as sources (tests), as modules in dist/ (imports), or bundled into dist/program/ (the program).
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { invariant } from './errors.ts';

/** Absolute path of the folder that holds package.json, with a slash at its end. */
export const packageRoot: string = fileURLToPath(findRoot(new URL('.', import.meta.url)));

function findRoot(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('..', folder);
  invariant(above.href !== folder.href, 'the program lies in no package');
  return findRoot(above);
}
