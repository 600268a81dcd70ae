// Dataset versions on files: datasets/<id>/manifest.json, and each split as a blob of JSON Lines.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appError, isAppError, listFolder, removeFolder } from '../../foundation/core/index.ts';
import {
  articleSchema,
  type DatasetArticle,
  type DatasetManifest,
  datasetManifestRecord,
  type Home,
  loadRecord,
  type SplitName,
  saveRecord,
} from '../../foundation/records/index.ts';
import type { BlobStore } from '../blobs/index.ts';
import type { DamagedDataset, DatasetList, DatasetStore } from './dataset-store.ts';

const DATASET_ID = /^ds-[0-9a-f]{12}$/;

/** Opens the dataset versions of `home`, whose splits are in `blobs`. */
export function createFileDatasetStore(home: Pick<Home, 'datasets'>, blobs: BlobStore): DatasetStore {
  return new FileDatasetStore(home.datasets, blobs);
}

class FileDatasetStore implements DatasetStore {
  readonly #root: string;
  readonly #blobs: BlobStore;

  constructor(root: string, blobs: BlobStore) {
    this.#root = root;
    this.#blobs = blobs;
  }

  async has(id: string): Promise<boolean> {
    return DATASET_ID.test(id) && existsSync(this.location(id));
  }

  async list(): Promise<DatasetList> {
    const datasets: DatasetManifest[] = [];
    const damaged: DamagedDataset[] = [];
    for (const id of listFolder(this.#root)) {
      if (!(await this.has(id))) continue;
      try {
        datasets.push(await this.load(id));
      } catch (error) {
        if (!isAppError(error)) throw error;
        damaged.push({ id, error });
      }
    }
    return { datasets: datasets.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)), damaged };
  }

  async load(id: string): Promise<DatasetManifest> {
    if (!(await this.has(id))) throw appError('DATASET_NOT_FOUND', { id, folder: this.#root });
    return loadRecord(datasetManifestRecord, this.location(id));
  }

  async save(manifest: DatasetManifest): Promise<void> {
    if (!(await this.has(manifest.id)))
      saveRecord(datasetManifestRecord, this.location(manifest.id), manifest);
  }

  async *readSplit(manifest: DatasetManifest, split: SplitName): AsyncGenerator<DatasetArticle> {
    const { md5, sizeBytes } = manifest.splits[split];
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of this.#blobs.open({ md5, sizeBytes })) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield articleSchema.parse(JSON.parse(line));
    }
  }

  async delete(id: string): Promise<void> {
    if (!(await this.has(id))) throw appError('DATASET_NOT_FOUND', { id, folder: this.#root });
    removeFolder(join(this.#root, id));
  }

  location(id: string): string {
    return join(this.#root, id, 'manifest.json');
  }
}
