// Hashes, stores and places many files: large ones one after the other as streams, small ones in batches, in threads where
// there are many.
import { createHash } from 'node:crypto';
import { constants, createReadStream, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  appError,
  asSystemError,
  createTemporaryName,
  makeFolder,
  type ProgressFactory,
} from '../../foundation/core/index.ts';
import { WorkerChannel } from '../../foundation/threads/index.ts';
import type { FileHash, HashKind } from './content-hash.ts';
import { objectBatches } from './object-batches.ts';
import { type FailedObject, OBJECT_WORKER, type ObjectMethods, type PlacedFile } from './object-contract.ts';
import { type CachePlace, keepObject, type PlacedObject } from './object-files.ts';
import type { LinkType } from './repository.ts';

/** From this number of files on, starting threads is worth it. */
const MANY_FILES = 600;
const BATCH_FILES = 200;
const MOST_THREADS = 8;
/** Above this size a file is a stream on this thread, with progress by bytes. */
const LARGE_BYTES = 64 * 2 ** 20;

export interface PoolOptions {
  readonly signal: AbortSignal;
  readonly progress: ProgressFactory;
}

/** A file with its size, which decides how it is handled. */
export interface SizedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Threads for files; closes them in the end. */
export class ObjectPool {
  readonly #options: PoolOptions;
  readonly #place: CachePlace;
  #channels: WorkerChannel<ObjectMethods>[] = [];

  constructor(place: CachePlace, options: PoolOptions) {
    this.#place = place;
    this.#options = options;
  }

  /** Hashes files, in their order. @throws FILE_NOT_FOUND, SYSTEM_REFUSED, STOPPED */
  hash(files: readonly SizedFile[], hash: HashKind): Promise<FileHash[]> {
    const large = hash === 'md5' ? (file: SizedFile): Promise<FileHash> => this.#hashLarge(file) : null;
    return this.#each('hash', files, large, async (paths, channel) =>
      channel === null ? objectBatches.hash({ paths, hash }) : channel.call('hash', { paths, hash }),
    );
  }

  /** Stores files in the cache, in their order. @throws FILE_NOT_FOUND, DISK_FULL, SYSTEM_REFUSED, STOPPED */
  store(files: readonly SizedFile[]): Promise<FileHash[]> {
    makeFolder(this.#place.temporary);
    const place = this.#place;
    const large = (file: SizedFile): Promise<FileHash> => this.#storeLarge(file);
    return this.#each('add', files, large, async (paths, channel) =>
      channel === null ? objectBatches.store({ paths, place }) : channel.call('store', { paths, place }),
    );
  }

  /**
   * Writes the files of objects. One that cannot be used is named when all others are written.
   * @throws CACHE_OBJECT_MISSING, CACHE_OBJECT_CORRUPT, DISK_FULL, SYSTEM_REFUSED, STOPPED
   */
  async place(objects: readonly PlacedObject[], linkTypes: readonly LinkType[]): Promise<PlacedFile[]> {
    makeFolder(this.#place.temporary);
    const placed: PlacedFile[] = [];
    const failed: FailedObject[] = [];
    let types = linkTypes;
    await this.#inBatches('check out', objects, async (batch, channel) => {
      const argument = { objects: batch, linkTypes: types, place: this.#place };
      const answer = channel === null ? objectBatches.place(argument) : await channel.call('place', argument);
      types = answer.linkTypes;
      placed.push(...answer.placed);
      failed.push(...answer.failed);
    });
    assertPlaced(failed);
    return placed;
  }

  async close(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.close()));
    this.#channels = [];
  }

  async #each(
    label: string,
    files: readonly SizedFile[],
    large: ((file: SizedFile) => Promise<FileHash>) | null,
    run: (paths: string[], channel: WorkerChannel<ObjectMethods> | null) => Promise<FileHash[]>,
  ): Promise<FileHash[]> {
    const results = new Map<SizedFile, FileHash>();
    const isLarge = ({ sizeBytes }: SizedFile): boolean => large !== null && sizeBytes > LARGE_BYTES;
    const small = files.filter((file) => !isLarge(file));
    await this.#inBatches(label, small, async (batch, channel) => {
      const answers = await run(
        batch.map(({ path }) => path),
        channel,
      );
      for (const [i, answer] of answers.entries()) results.set(batch[i]!, answer);
    });
    for (const file of files.filter(isLarge)) results.set(file, await large!(file));
    return files.map((file) => results.get(file)!);
  }

  async #inBatches<T>(
    label: string,
    all: readonly T[],
    run: (batch: readonly T[], channel: WorkerChannel<ObjectMethods> | null) => Promise<void>,
  ): Promise<void> {
    const { signal, progress } = this.#options;
    const bar = progress(label, all.length, 'files');
    let next = 0;
    let done = 0;
    const work = async (channel: WorkerChannel<ObjectMethods> | null): Promise<void> => {
      while (next < all.length) {
        signal.throwIfAborted();
        const batch = all.slice(next, next + BATCH_FILES);
        next += batch.length;
        try {
          await run(batch, channel);
        } catch (error) {
          next = all.length; // the other threads end with their batch
          throw error;
        }
        done += batch.length;
        bar.update(done);
        // Without a thread nothing else runs meanwhile, not even a handler of Ctrl-C.
        if (channel === null) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    try {
      if (all.length < MANY_FILES) await work(null);
      else await settleAll(this.#threads().map(work));
    } finally {
      bar.stop();
    }
  }

  #threads(): WorkerChannel<ObjectMethods>[] {
    if (this.#channels.length === 0)
      this.#channels = Array.from(
        { length: Math.min(availableParallelism(), MOST_THREADS) },
        () => new WorkerChannel(OBJECT_WORKER),
      );
    return this.#channels;
  }

  async #storeLarge({ path, sizeBytes }: SizedFile): Promise<FileHash> {
    const temporary = createTemporaryName(join(this.#place.temporary, 'object'));
    try {
      await copyFile(path, temporary, constants.COPYFILE_FICLONE);
      const stored = await this.#hashLarge({ path: temporary, sizeBytes });
      keepObject(temporary, stored, this.#place);
      return stored;
    } catch (error) {
      throw asSystemError(error, path, 'read');
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  async #hashLarge({ path }: SizedFile): Promise<FileHash> {
    const { signal, progress } = this.#options;
    const { size } = statSync(path);
    const bar = progress('hash', Math.round(size / 1e6), 'MB');
    const hash = createHash('md5');
    let sizeBytes = 0;
    try {
      for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20, signal })) {
        const bytes = piece as Buffer;
        hash.update(bytes);
        sizeBytes += bytes.byteLength;
        bar.update(Math.round(sizeBytes / 1e6));
      }
    } catch (error) {
      signal.throwIfAborted();
      throw asSystemError(error, path, 'read');
    } finally {
      bar.stop();
    }
    return { md5: hash.digest('hex'), sizeBytes };
  }
}

function assertPlaced(failed: readonly FailedObject[]): void {
  const [first] = failed;
  if (first === undefined) return;
  const issues = failed.map(({ object, md5, code }) => ({ path: object, code, message: md5 }));
  throw first.code === 'CACHE_OBJECT_MISSING'
    ? appError(first.code, { path: first.object, md5: first.md5 }, { issues })
    : appError(first.code, { path: first.object, expected: first.md5, got: 'another' }, { issues });
}

/** Waits for all, also when one fails: none may write after the caller has gone on. */
async function settleAll(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}
