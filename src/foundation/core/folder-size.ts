// The size of a folder on disk.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Sums the sizes of all files below `folder`, in bytes. */
export function measureFolder(folder: string): number {
  let sizeBytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sizeBytes += statSync(join(entry.parentPath, entry.name)).size;
  return sizeBytes;
}
