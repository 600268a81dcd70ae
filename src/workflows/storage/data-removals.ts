// Plans the removal of dataset versions: those that are named, or blobs and caches that belong to none.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appError, findLeftovers, listFolder, measureFolder } from '../../foundation/core/index.ts';
import type { DatasetManifest } from '../../foundation/records/index.ts';
import type { BlobName } from '../../keeping/blobs/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { buildLeftoverRemoval, type Removal, type RemovalPlan } from './removal.ts';
import { assertUnused, loadUses } from './uses.ts';

/** A blob that was put later may belong to a dataset version whose manifest is about to be written. */
const YOUNG_MS = 3_600_000;

export interface ListedDataset {
  readonly manifest: DatasetManifest;
  readonly sizeBytes: number;
  /** Runs and model versions that come from it. */
  readonly users: readonly string[];
}

/** Lists all dataset versions, newest first, and those that cannot be read. */
export async function listDatasets(context: WorkflowContext): Promise<{
  readonly datasets: readonly ListedDataset[];
  readonly damaged: readonly { readonly id: string; readonly code: string; readonly message: string }[];
}> {
  const { datasets, damaged } = await context.stores.datasets.list();
  const uses = await loadUses(context);
  return {
    datasets: datasets.map((manifest) => ({
      manifest,
      sizeBytes: sumBlobs(listBlobs(manifest)),
      users: uses.of(manifest.id),
    })),
    damaged: damaged.map(({ id, error: { code, message } }) => ({ id, code, message })),
  };
}

/**
 * Plans the deletion of the named dataset versions, with the blobs that no other version names.
 * @param options.force  also those that runs and models come from
 * @throws DATASET_NOT_FOUND, RECORD_INVALID, STORAGE_IN_USE
 */
export async function planDatasetDeletion(
  ids: readonly string[],
  { force }: { readonly force: boolean },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { datasets, blobs } = context.stores;
  const uses = await loadUses(context);
  const { datasets: all, damaged } = await datasets.list();
  const chosen = new Set(ids);
  const kept = new Set(
    all
      .filter(({ id }) => !chosen.has(id))
      .flatMap(listBlobs)
      .map(({ md5 }) => md5),
  );
  const removals: Removal[] = [];
  for (const id of chosen) {
    if (!(await datasets.has(id))) throw appError('DATASET_NOT_FOUND', { id, folder: context.home.datasets });
    assertUnused(id, uses, force);
    const manifest = all.find((one) => one.id === id);
    // While another manifest cannot be read, its blobs are not known: they stay.
    const own = damaged.length > 0 ? [] : listBlobs(manifest).filter(({ md5 }) => !kept.has(md5));
    removals.push({
      kind: 'dataset version',
      name: id,
      reason: 'named',
      sizeBytes: sumBlobs(own),
      remove: async () => {
        await datasets.delete(id);
        for (const blob of own) await blobs.delete(blob);
      },
    });
  }
  return { removals, notes: noteDamaged(damaged) };
}

/**
 * Plans the removal of half-written files, of blobs that no dataset version names, and of caches of versions that are gone.
 * @param options.cache  also of everything that is cached and can be made again
 */
export async function planDataCleanup(
  { cache }: { readonly cache: boolean },
  context: WorkflowContext,
): Promise<RemovalPlan> {
  const { stores, home, clock } = context;
  const nowMs = Date.parse(clock.nowIso());
  const { datasets, damaged } = await stores.datasets.list();
  const isElsewhere = (path: string): boolean => path === home.runs || path === home.models;
  const leftovers = findLeftovers(home.root, { nowMs, isSkipped: isElsewhere });
  const known = new Set([...datasets, ...damaged].map(({ id }) => id));
  const caches = cache
    ? listCaches(home.cache)
    : listCaches(home.cache).filter(({ name }) => isOrphan(name, known));
  const named = new Set(datasets.flatMap(listBlobs).map(({ md5 }) => md5));
  const isUnused = ({ md5, putMs }: { md5: string; putMs: number }): boolean =>
    !named.has(md5) && nowMs - putMs > YOUNG_MS;
  const unused = damaged.length > 0 ? [] : (await stores.blobs.list()).filter(isUnused);
  return {
    removals: [
      ...unused.map(
        (blob): Removal => ({
          kind: 'blob',
          name: blob.md5,
          reason: 'unused',
          sizeBytes: blob.sizeBytes,
          remove: () => stores.blobs.delete(blob),
        }),
      ),
      ...caches
        .filter(({ path }) => !leftovers.some((leftover) => leftover.path === path))
        .map(
          ({ path, sizeBytes }): Removal => ({
            kind: 'cache',
            name: path,
            reason: 'derived',
            sizeBytes,
            remove: async () => rmSync(path, { recursive: true, force: true }),
          }),
        ),
      ...leftovers.map(buildLeftoverRemoval),
    ],
    notes: noteDamaged(damaged),
  };
}

function noteDamaged(damaged: readonly { readonly id: string }[]): string[] {
  if (damaged.length === 0) return [];
  return [`blobs are kept: the manifest of ${damaged.map(({ id }) => id).join(', ')} cannot be read`];
}

/** All blobs that a version consists of: splits and lists of rows, wherever the manifest names one. */
function listBlobs(manifest: DatasetManifest | undefined): BlobName[] {
  if (manifest === undefined) return [];
  const { files: _rawFiles, ...rest } = manifest; // they stay where the user has them
  return findBlobs(rest);
}

function findBlobs(json: unknown): BlobName[] {
  if (typeof json !== 'object' || json === null) return [];
  const { md5, sizeBytes } = json as Partial<BlobName>;
  const own = typeof md5 === 'string' && typeof sizeBytes === 'number' ? [{ md5, sizeBytes }] : [];
  return [...own, ...Object.values(json).flatMap(findBlobs)];
}

function sumBlobs(blobs: readonly BlobName[]): number {
  return blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** A cache file that names a dataset version which is gone. */
function isOrphan(name: string, known: ReadonlySet<string>): boolean {
  const id = /^ds-[0-9a-f]{12}/.exec(name)?.[0];
  return id !== undefined && !known.has(id);
}

/** Objects of data with pointers: they cannot be made again, and have a cleanup of their own. */
const OBJECTS = 'files';

/** What lies in the folders of the cache: tokens, tokenizers, features, teacher logits, notes. */
function listCaches(
  cache: string,
): { readonly name: string; readonly path: string; readonly sizeBytes: number }[] {
  const derived = listFolder(cache).filter((kind) => kind !== OBJECTS && !/^[0-9a-f]{2}$/.test(kind));
  return derived.flatMap((kind) =>
    listFolder(join(cache, kind)).map((name) => {
      const path = join(cache, kind, name);
      const stat = statSync(path);
      return { name, path, sizeBytes: stat.isDirectory() ? measureFolder(path) : stat.size };
    }),
  );
}
