// Notes that data is being replaced. The note goes when all of it is there: until then the data is no version of anything, and
// must not be taken for one.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashMd5, writeFileAtomic } from '../../foundation/core/index.ts';
import type { DataRepository } from './repository.ts';
import { nameInRepository } from './tracked-data.ts';

/** Begins to replace data. */
export function beginCheckout(repository: DataRepository, path: string, md5: string): void {
  const name = nameInRepository(repository.root, path);
  writeFileAtomic(locateNote(repository, path), `${JSON.stringify({ schemaVersion: 1, name, md5 })}\n`);
}

/** All of the data is there. */
export function endCheckout(repository: DataRepository, path: string): void {
  rmSync(locateNote(repository, path), { force: true });
}

/** True if the last checkout of the data was stopped in the middle. */
export function isCheckoutUnfinished(repository: DataRepository, path: string): boolean {
  try {
    readFileSync(locateNote(repository, path));
    return true;
  } catch {
    return false;
  }
}

function locateNote({ temporary, root }: DataRepository, path: string): string {
  return join(temporary, 'unfinished', `${hashMd5(nameInRepository(root, path))}.json`);
}
