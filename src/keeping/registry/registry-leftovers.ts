// What killed processes left in the registry's folder: half-copied versions, and versions that were deleted but whose
// folder could not be removed any more.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findLeftovers, type Leftover, listFolder, measureFolder } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import { loadDeletions } from './deletion-log.ts';

export function findRegistryLeftovers({ models }: Pick<Home, 'models'>, nowMs: number): Leftover[] {
  return [
    ...findLeftovers(models, { nowMs }),
    ...listFolder(models)
      .map((name) => join(models, name))
      .filter((path) => statSync(path).isDirectory()) // the log of the default model lies beside the models
      .flatMap(findDeleted),
  ];
}

function findDeleted(modelFolder: string): Leftover[] {
  return loadDeletions(modelFolder)
    .map(({ version }) => join(modelFolder, String(version)))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, sizeBytes: measureFolder(path) }));
}
