// What killed processes left in the registry's folder: half-copied versions, and versions that were deleted but whose
// folder could not be removed any more.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodeOf, findLeftovers, type Leftover, measureFolder } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import { loadDeletions } from './deletion-log.ts';

export function findRegistryLeftovers({ models }: Pick<Home, 'models'>, nowMs: number): Leftover[] {
  return [
    ...findLeftovers(models, { nowMs }),
    ...listNames(models).flatMap((name) => findDeleted(join(models, name))),
  ];
}

function findDeleted(modelFolder: string): Leftover[] {
  return loadDeletions(modelFolder)
    .map(({ version }) => join(modelFolder, String(version)))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, sizeBytes: measureFolder(path) }));
}

function listNames(models: string): string[] {
  try {
    return readdirSync(models, { withFileTypes: true })
      .filter((entry) => entry.isDirectory()) // the log of the default model lies beside the models
      .map(({ name }) => name);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
