// The methods of the threads that hash, store and place many small files: most of the time goes to calls of the system, which
// block, so each thread makes them for a batch.
import { WorkerContract } from '../../foundation/threads/index.ts';
import type { FileHash, HashKind } from './content-hash.ts';
import type { FileStamp } from './file-state.ts';
import type { CachePlace, PlacedObject } from './object-files.ts';
import type { LinkType } from './repository.ts';

export interface ObjectMethods {
  /** Hashes files. */
  hash(batch: { readonly paths: readonly string[]; readonly hash: HashKind }): FileHash[];
  /** Stores files in the cache. */
  store(batch: { readonly paths: readonly string[]; readonly place: CachePlace }): FileHash[];
  /** Writes the files of objects. Those that are damaged or missing are named, and the others are written. */
  place(batch: {
    readonly objects: readonly PlacedObject[];
    readonly linkTypes: readonly LinkType[];
    readonly place: CachePlace;
  }): PlaceAnswer;
}

export interface PlaceAnswer {
  /** Those that the file system has. */
  readonly linkTypes: readonly LinkType[];
  readonly placed: readonly PlacedFile[];
  readonly failed: readonly FailedObject[];
}

/** A file that was written. */
export interface PlacedFile {
  readonly target: string;
  readonly md5: string;
  /** Null: something else has written to it since. */
  readonly stamp: FileStamp | null;
}

/** An object that cannot be used. */
export interface FailedObject {
  readonly md5: string;
  readonly object: string;
  readonly target: string;
  readonly code: 'CACHE_OBJECT_CORRUPT' | 'CACHE_OBJECT_MISSING';
}

export const OBJECT_WORKER = new WorkerContract<ObjectMethods>('keeping/dvc/object-worker.js');
