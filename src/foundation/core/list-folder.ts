// Lists a folder that need not exist.
import { readdirSync } from 'node:fs';
import { errorCodeOf } from './system-error.ts';

/** The names in a folder, sorted; none if there is no such folder. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
