// The port of dataset versions: a manifest, and the articles of each split.
//
// Every implementation guarantees, and test/conformance/dataset-store.ts checks:
// - Order: `readSplit` yields the articles in the order in which they were written.
// - Durability: a manifest survives a kill of the process and a crash of the machine once `save` has resolved.
// - Crash: a kill during `save` leaves the whole manifest or none.
// - Two processes: both may save the same version at once. A version never changes: saving it again keeps the first.
// - Errors: those named at each method, always as a rejected promise (for `readSplit`, from its first step).
import type { AppError } from '../../foundation/core/index.ts';
import type { DatasetArticle, DatasetManifest, SplitName } from '../../foundation/records/index.ts';

/** A version whose manifest cannot be read. It stops nothing but its own use. */
export interface DamagedDataset {
  readonly id: string;
  readonly error: AppError;
}

export interface DatasetList {
  /** Newest first. */
  readonly datasets: readonly DatasetManifest[];
  readonly damaged: readonly DamagedDataset[];
}

export interface DatasetStore {
  list(): Promise<DatasetList>;
  has(id: string): Promise<boolean>;
  /** @throws DATASET_NOT_FOUND, RECORD_INVALID */
  load(id: string): Promise<DatasetManifest>;
  /** Saves a manifest whose splits are in the blob store already. @throws DISK_FULL */
  save(manifest: DatasetManifest): Promise<void>;
  /** Streams the articles of a split, after verifying that it is undamaged. @throws FILE_NOT_FOUND, FILE_CORRUPT */
  readSplit(manifest: DatasetManifest, split: SplitName): AsyncGenerator<DatasetArticle>;
  /** Deletes the manifest; the splits stay in the blob store until nothing names them. @throws DATASET_NOT_FOUND */
  delete(id: string): Promise<void>;
  /** Where the version is kept, as text for people: a path or an address. */
  location(id: string): string;
}
