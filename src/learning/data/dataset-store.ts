// Loads and saves dataset versions: <home>/datasets/<id>/manifest.json, and each split as a blob of JSON Lines.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appError } from '../../foundation/core/index.ts';
import type { Home } from '../../foundation/records/index.ts';
import {
  type Article,
  articleSchema,
  type DatasetManifest,
  datasetManifestRecord,
  loadRecord,
  type SplitName,
  saveRecord,
} from '../../foundation/records/index.ts';
import { createBlobStore } from '../../keeping/blobs/index.ts';

function manifestPath(home: Home, id: string): string {
  return join(home.datasets, id, 'manifest.json');
}

export function datasetExists(home: Home, id: string): boolean {
  return /^ds-[0-9a-f]{12}$/.test(id) && existsSync(manifestPath(home, id));
}

/** @throws DATASET_NOT_FOUND, RECORD_INVALID */
export function loadManifest(home: Home, id: string): DatasetManifest {
  if (!datasetExists(home, id)) throw appError('DATASET_NOT_FOUND', { id, folder: home.datasets });
  return loadRecord(datasetManifestRecord, manifestPath(home, id));
}

/** Saves a manifest; an existing version is left as it is. */
export function saveManifest(home: Home, manifest: DatasetManifest): void {
  if (!datasetExists(home, manifest.id))
    saveRecord(datasetManifestRecord, manifestPath(home, manifest.id), manifest);
}

/**
 * Streams the articles of a split, in the order of the raw files. The blob is verified first.
 * @throws FILE_NOT_FOUND, FILE_CORRUPT
 */
export async function* readSplit(
  home: Home,
  manifest: DatasetManifest,
  split: SplitName,
): AsyncGenerator<Article> {
  const { md5, sizeBytes } = manifest.splits[split];
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of createBlobStore(home.blobs).open({ md5, sizeBytes })) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield articleSchema.parse(JSON.parse(line));
  }
}
