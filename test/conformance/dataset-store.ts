// Tests what every dataset store guarantees (src/keeping/datasets/dataset-store.ts), with a factory of stores as parameter.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { articleRecord, type DatasetArticle } from '../../src/foundation/records/article.ts';
import {
  type DatasetManifest,
  datasetManifestRecord,
} from '../../src/foundation/records/dataset-manifest.ts';
import type { BlobStore } from '../../src/keeping/blobs/blob-store.ts';
import type { DatasetStore } from '../../src/keeping/datasets/dataset-store.ts';
import { killElsewhere, runElsewhere, type StorePlace } from './place.ts';

export interface DatasetStorePlace extends StorePlace<DatasetStore> {
  readonly blobs: BlobStore;
}

const manifest = datasetManifestRecord.example;

/** @param createPlace  a new, empty place for each test */
export function describeDatasetStore(name: string, createPlace: () => DatasetStorePlace): void {
  describe(`${name} keeps the promises of a dataset store`, () => {
    let place: DatasetStorePlace;
    beforeEach(() => {
      place = createPlace();
    });
    afterEach(() => place.remove());

    it('returns a saved manifest from another instance, and keeps the first of two', async () => {
      expect(await place.open().has(manifest.id)).toBe(false);
      await place.open().save(manifest);
      await place.open().save({ ...manifest, createdAt: '2030-01-01T00:00:00.000Z' });
      expect(await place.open().has(manifest.id)).toBe(true);
      expect(await place.open().load(manifest.id)).toEqual(manifest);
    });

    it('streams the articles of a split in their order, whatever line breaks and characters they hold', async () => {
      const articles: DatasetArticle[] = Array.from({ length: 3000 }, (_, i) => ({
        ...articleRecord.example,
        id: `a-${i}`,
        text: `Zeile ${i}\nüber „Aldane“ 🛳`.repeat(1 + (i % 40)),
      }));
      const blob = await place.blobs.putBytes(
        articles.map((article) => `${JSON.stringify(article)}\n`).join(''),
      );
      const split = { ...manifest.splits.train, ...blob };
      const saved: DatasetManifest = { ...manifest, splits: { ...manifest.splits, train: split } };
      await place.open().save(saved);
      const read: DatasetArticle[] = [];
      for await (const article of place.open().readSplit(saved, 'train')) read.push(article);
      expect(read).toEqual(articles);
    });

    it('lists versions, newest first, and deletes them', async () => {
      expect(await place.open().list()).toEqual({ datasets: [], damaged: [] });
      const newer = { ...manifest, id: 'ds-ffffffffffff', createdAt: '2031-01-01T00:00:00.000Z' };
      await place.open().save(manifest);
      await place.open().save(newer);
      expect(await place.open().list()).toEqual({ datasets: [newer, manifest], damaged: [] });
      await place.open().delete(manifest.id);
      expect(await place.open().has(manifest.id)).toBe(false);
      expect(await place.open().list()).toEqual({ datasets: [newer], damaged: [] });
      for (const id of [manifest.id, '../../etc'])
        await expect(place.open().delete(id)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    });

    it('rejects for versions and splits that are not there', async () => {
      const store = place.open();
      for (const id of ['ds-000000000000', '../../etc'])
        await expect(store.load(id)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
      await expect(store.readSplit(manifest, 'train').next()).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
      });
    });

    it('lets two processes save one version at once', async () => {
      const source = place.script(`await store.save(${JSON.stringify(manifest)});`);
      await Promise.all([runElsewhere(source), runElsewhere(source), place.open().save(manifest)]);
      expect(await place.open().load(manifest.id)).toEqual(manifest);
    }, 30_000);

    it('keeps what was saved before a kill', async () => {
      await killElsewhere(
        place.script(`
          await store.save(${JSON.stringify(manifest)});
          console.log('saved');
          setInterval(() => {}, 1000);`),
      );
      expect(await place.open().load(manifest.id)).toEqual(manifest);
    }, 30_000);
  });
}
