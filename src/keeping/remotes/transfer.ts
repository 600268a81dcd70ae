// Moves many objects at once to a remote or from it. Each is whole or not there. What fails for one object is listed;
// what concerns the whole remote, such as missing rights, ends the transfer.
import { createHash } from 'node:crypto';
import { renameSync, statSync } from 'node:fs';
import {
  appError,
  asDiskError,
  type ErrorCode,
  formatMegabytes,
  hashFile,
  isAppError,
  type Progress,
  silentProgress,
} from '../../foundation/core/index.ts';
import { ContentHash, isHash } from '../dvc/index.ts';
import { findObjects } from './find-objects.ts';
import { openFileStream } from './object-source.ts';
import { receiveFile } from './receive-file.ts';
import type { Remote, RemoteObject } from './remote.ts';
import { retryUnreachable } from './retry.ts';
import { runJobs } from './run-jobs.ts';
import type {
  PulledObject,
  PushedObject,
  TransferFailure,
  TransferOptions,
  TransferResult,
} from './transfer-types.ts';

/** Objects that are moved at once. A folder gains nothing from more; over a network, most of the time is waiting. */
export const DEFAULT_JOBS: Readonly<Record<Remote['kind'], number>> = { local: 8, s3: 16, gs: 16, https: 16 };

const DRAW_MS = 100;

/** These concern one object; every other error ends the transfer. */
const OF_ONE_OBJECT: ReadonlySet<ErrorCode> = new Set([
  'REMOTE_OBJECT_MISSING',
  'REMOTE_OBJECT_CORRUPT',
  'REMOTE_KEY_INVALID',
  'FILE_NOT_FOUND',
]);

/**
 * Pushes what the remote does not have. An object of another size (or md5, where the server knows it) is damaged there and is
 * replaced; with `verifies`, also one of the same size with other bytes.
 * @throws errors that concern the whole remote; the signal does not throw: the result is then marked as stopped
 */
export async function pushObjects(
  remote: Remote,
  objects: readonly PushedObject[],
  options: TransferOptions = {},
): Promise<TransferResult> {
  if (remote.isReadOnly)
    throw appError('REMOTE_READ_ONLY', { url: remote.url, kind: 'an address that is only read' });
  const tally = new Tally('push', objects, options);
  return tally.run(
    remote,
    async () => {
      const keys = objects.map(({ key }) => key);
      const present = await findObjects(remote, keys, options);
      return async (object: PushedObject, signal: AbortSignal) => {
        const found = present.get(object.key);
        const isRight = found !== undefined && isIntact(found, object);
        if (
          isRight &&
          (options.verifies !== true || (await hasItsBytes(remote, found, object, { ...options, signal })))
        )
          return tally.skip(object);
        await tally.move(object, signal, async (onBytes) => {
          const replaces = found !== undefined;
          const outcome = await remote.write(object.key, object, { replaces, signal, onBytes });
          if (replaces) tally.mend(object.key);
          return outcome === 'written';
        });
      };
    },
    objects,
  );
}

/**
 * Pulls what is not there yet. What arrives damaged is fetched again once; if it is damaged at the remote, it is named
 * and nothing is taken.
 * @throws errors that concern the whole remote or this disk; the signal does not throw: the result is then marked as stopped
 */
export async function pullObjects(
  remote: Remote,
  objects: readonly PulledObject[],
  options: TransferOptions = {},
): Promise<TransferResult> {
  const tally = new Tally('pull', objects, options);
  return tally.run(
    remote,
    async () => async (object: PulledObject, signal: AbortSignal) => {
      if (await isThere(object)) return tally.skip(object);
      const fetchOnce = async (onBytes: (bytes: number) => void): Promise<boolean> => {
        await receiveFile({
          name: `${object.key} of ${remote.url}`,
          beside: object.path,
          sizeBytes: object.sizeBytes,
          md5: object.md5,
          check: object.check,
          open: (startByte) => remote.read(object.key, { startByte, version: object.version, signal }),
          place: async (temporary) => renameSync(temporary, object.path),
          signal,
          onBytes,
        }).catch((error: unknown) => {
          throw asDiskError(error, object.path);
        });
        return true;
      };
      await tally.move(object, signal, async (onBytes) => {
        try {
          return await fetchOnce(onBytes);
        } catch (error) {
          if (!isAppError(error) || error.code !== 'REMOTE_OBJECT_CORRUPT') throw error;
          const isMended = await fetchOnce(onBytes);
          tally.mend(object.key);
          return isMended;
        }
      });
    },
    objects,
  );
}

function isIntact(found: RemoteObject, object: PushedObject): boolean {
  return found.sizeBytes === object.sizeBytes && (found.md5 === null || found.md5 === object.md5);
}

/** Reads the object, unless the server has said its md5. */
async function hasItsBytes(
  remote: Remote,
  found: RemoteObject,
  { key, md5 }: PushedObject,
  options: Pick<TransferOptions, 'signal' | 'firstPauseMs'>,
): Promise<boolean> {
  if (found.md5 !== null) return found.md5 === md5;
  const readHash = async (): Promise<string> => {
    const hash = createHash('md5');
    for await (const piece of await remote.read(key, { signal: options.signal }))
      hash.update(piece as Buffer);
    return hash.digest('hex');
  };
  return (await retryUnreachable(readHash, options)) === md5;
}

/** True if the file is there with the bytes that are wanted. */
async function isThere({ path, sizeBytes, md5, check = 'md5' }: PulledObject): Promise<boolean> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) return false;
  if (sizeBytes !== null && found.size !== sizeBytes) return false;
  if (check === 'md5') return (await hashFile(path, 'md5')) === md5;
  const hash = new ContentHash(check);
  for await (const piece of await openFileStream(path, 0)) hash.update(piece as Buffer);
  return isHash(hash.finish(), md5);
}

interface Movable {
  readonly key: string;
  readonly sizeBytes: number | null;
}

/** Counts what a transfer has done, draws its progress, and runs its jobs. */
class Tally<O extends Movable> {
  readonly #verb: string;
  readonly #options: TransferOptions;
  readonly #objects: number;
  readonly #expectedBytes: number;
  /** False: objects are counted, because the size of one is unknown. */
  readonly #countsBytes: boolean;
  #sentBytes = 0;
  #moved = 0;
  #skipped = 0;
  #movedBytes = 0;
  readonly #mended: string[] = [];
  readonly #failed: TransferFailure[] = [];
  #progress: Progress;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(verb: string, objects: readonly O[], options: TransferOptions) {
    this.#verb = verb;
    this.#options = options;
    this.#objects = objects.length;
    this.#countsBytes = objects.every(({ sizeBytes }) => sizeBytes !== null);
    this.#expectedBytes = objects.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
    this.#progress = silentProgress('', 0, '');
  }

  async run(
    remote: Remote,
    prepare: () => Promise<(object: O, signal: AbortSignal) => Promise<void>>,
    objects: readonly O[],
  ): Promise<TransferResult> {
    const { jobs = DEFAULT_JOBS[remote.kind], progress = silentProgress, signal } = this.#options;
    const expectedMb = Math.max(1, Math.round(this.#expectedBytes / 1e6));
    this.#progress = this.#countsBytes
      ? progress(this.#verb, expectedMb, 'MB')
      : progress(this.#verb, this.#objects, 'objects');
    try {
      await runJobs(objects, jobs, await prepare(), signal);
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    } finally {
      this.#progress.stop();
    }
    return {
      moved: this.#moved,
      skipped: this.#skipped,
      mended: this.#mended,
      bytes: this.#movedBytes,
      failed: this.#failed,
      isStopped:
        signal?.aborted === true && this.#moved + this.#skipped + this.#failed.length < this.#objects,
    };
  }

  skip(object: O): void {
    this.#skipped++;
    this.#sentBytes += object.sizeBytes ?? 0;
    this.#finish(object);
  }

  mend(key: string): void {
    this.#mended.push(key);
  }

  /** Runs one move with retries. @param move  returns false if the object was there already */
  async move(
    object: O,
    signal: AbortSignal,
    move: (onBytes: (bytes: number) => void) => Promise<boolean>,
  ): Promise<void> {
    /** Bytes of this object, in the current try. */
    let counted = 0;
    const onBytes = (bytes: number): void => {
      counted += bytes;
      this.#sentBytes += bytes;
      this.#draw();
    };
    const attempt = async (): Promise<boolean> => {
      onBytes(-counted);
      return move(onBytes);
    };
    try {
      const isMoved = await retryUnreachable(attempt, { signal, firstPauseMs: this.#options.firstPauseMs });
      if (isMoved) {
        this.#moved++;
        this.#movedBytes += object.sizeBytes ?? counted;
      } else {
        this.#skipped++;
      }
      onBytes((object.sizeBytes ?? counted) - counted);
      this.#finish(object);
    } catch (error) {
      onBytes(-counted);
      if (signal.aborted || !isAppError(error) || !OF_ONE_OBJECT.has(error.code)) throw error;
      this.#failed.push({ key: object.key, code: error.code, reason: error.message });
    }
  }

  #finish(object: O): void {
    this.#draw();
    this.#options.onObject?.(object.key);
  }

  #draw(): void {
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < DRAW_MS && this.#moved + this.#skipped < this.#objects) return;
    this.#drawnMs = nowMs;
    const done = this.#moved + this.#skipped;
    if (!this.#countsBytes) {
      this.#progress.update(done, formatMegabytes(this.#sentBytes));
      return;
    }
    const count = `${done.toLocaleString('en')}/${this.#objects.toLocaleString('en')} objects`;
    this.#progress.update(Math.round(this.#sentBytes / 1e6), count);
  }
}

/** The result in words, such as `12 objects, 340 MB; 5 were there already`. */
export function formatTransfer({ moved, skipped, bytes }: TransferResult): string {
  const words = `${moved.toLocaleString('en')} ${moved === 1 ? 'object' : 'objects'}, ${formatMegabytes(bytes)}`;
  return skipped === 0 ? words : `${words}; ${skipped.toLocaleString('en')} there already`;
}
