// How much room a folder's files take.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @returns bytes of all files below `folder` */
export function measureFolder(folder: string): number {
  let sizeBytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sizeBytes += statSync(join(entry.parentPath, entry.name)).size;
  return sizeBytes;
}
