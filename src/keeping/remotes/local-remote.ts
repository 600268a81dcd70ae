// A remote in a folder: of this machine, of a mounted disk, or of a network drive. Objects are written below `.uploads` of
// that folder and then linked to their place, which never replaces a file that is there.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { opendir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  appError,
  asSystemError,
  createTemporaryName,
  errorCodeOf,
  hashMd5,
  isAppError,
  listFolder,
  makeFolder,
} from '../../foundation/core/index.ts';
import { openFileStream } from './object-source.ts';
import { receiveFile, SMALL_BYTES, writeSmallFile } from './receive-file.ts';
import type { ObjectReadOptions, ObjectSource, ObjectWriteOptions, Remote, RemoteObject } from './remote.ts';
import { checkKey } from './remote-key.ts';

/** Objects that are being written. */
const UPLOADS = '.uploads';
/** What interrupted pushes have left there is continued for so long, then removed. */
const UPLOAD_DAYS = 7;
/** Writing a small file on a disk takes a fraction of it. */
const SLOW_MS = 4;
/** What the system answers where a file system has no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** Opens the remote in `folder`, which need not exist yet. */
export function createLocalRemote(folder: string): Remote {
  return new LocalRemote(folder);
}

class LocalRemote implements Remote {
  readonly kind = 'local';
  readonly url: string;
  readonly isReadOnly = false;
  readonly #folders = new Set<string>();
  #hasCleaned = false;
  /** Of the latest small files that were written at once. */
  #meanMs = 0;

  constructor(folder: string) {
    this.url = folder;
  }

  async *list(
    prefix: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<RemoteObject> {
    // The deepest folder that holds all of them.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1), this.url);
    for await (const key of this.#walk(folder)) {
      signal?.throwIfAborted();
      if (!key.startsWith(prefix)) continue;
      const object = await this.stat(key);
      if (object !== null) yield object;
    }
  }

  async stat(
    key: string,
    { version }: { readonly version?: string | undefined } = {},
  ): Promise<RemoteObject | null> {
    this.#refuseVersion(key, version);
    try {
      const found = statSync(this.#locate(key), { throwIfNoEntry: false });
      return found?.isFile() === true ? { key, sizeBytes: found.size, md5: null } : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw this.#explain(error, 'read', key);
    }
  }

  async read(key: string, { startByte = 0, version, signal }: ObjectReadOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    this.#refuseVersion(key, version);
    try {
      return await openFileStream(this.#locate(key), startByte);
    } catch (error) {
      if (isMissing(error)) throw await this.#explainMissing(key);
      throw this.#explain(error, 'read', key);
    }
  }

  async write(
    key: string,
    source: ObjectSource,
    { replaces = false, signal, onBytes }: ObjectWriteOptions = {},
  ): Promise<'written' | 'exists'> {
    signal?.throwIfAborted();
    const target = this.#locate(key);
    try {
      if (!replaces && existsSync(target)) return 'exists';
      await this.#removeOldUploads();
      this.#makeFolder(dirname(target));
      if (source.sizeBytes <= SMALL_BYTES && !this.#isSlow) {
        const startMs = performance.now();
        const outcome = this.#writeAtOnce(source, target, replaces);
        this.#meanMs += (performance.now() - startMs - this.#meanMs) / 20;
        onBytes?.(source.sizeBytes);
        return outcome;
      }
      return await receiveFile({
        name: source.path,
        beside: join(this.url, UPLOADS, source.md5),
        sizeBytes: source.sizeBytes,
        md5: source.md5,
        open: (startByte) => openFileStream(source.path, startByte),
        place: async (temporary) => place(temporary, target, replaces),
        signal,
        onBytes,
      });
    } catch (error) {
      throw this.#explain(error, 'write', key);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await rm(this.#locate(key), { force: true });
    } catch (error) {
      if (!isMissing(error)) throw this.#explain(error, 'delete', key);
    }
  }

  async measureClock(): Promise<null> {
    return null; // a folder tells no time
  }

  async *#walk(folder: string): AsyncGenerator<string> {
    let entries: Awaited<ReturnType<typeof opendir>>;
    try {
      entries = await opendir(join(this.url, folder));
    } catch (error) {
      if (isMissing(error)) return;
      throw this.#explain(error, 'list', folder);
    }
    for await (const entry of entries) {
      const key = `${folder}${entry.name}`;
      if (key === UPLOADS) continue;
      if (entry.isDirectory()) yield* this.#walk(`${key}/`);
      else yield key;
    }
  }

  #locate(key: string): string {
    return join(this.url, checkKey(key, this.url));
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    makeFolder(folder);
    this.#folders.add(folder);
  }

  /** A network drive: then many are written at the same time, in threads. */
  get #isSlow(): boolean {
    return this.#meanMs > SLOW_MS;
  }

  #writeAtOnce(source: ObjectSource, target: string, replaces: boolean): 'written' | 'exists' {
    const bytes = readSmallSource(source);
    makeFolder(join(this.url, UPLOADS));
    const temporary = createTemporaryName(join(this.url, UPLOADS, source.md5));
    try {
      writeSmallFile(temporary, bytes);
      return place(temporary, target, replaces);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Once for each opening of the remote. What cannot be removed stays: it is in nobody's way. */
  async #removeOldUploads(): Promise<void> {
    if (this.#hasCleaned) return;
    this.#hasCleaned = true;
    const oldestMs = Date.now() - UPLOAD_DAYS * 24 * 3_600_000;
    for (const name of listFolder(join(this.url, UPLOADS))) {
      const path = join(this.url, UPLOADS, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isFile() === true && found.mtimeMs < oldestMs)
        await rm(path, { force: true }).catch(() => {});
    }
  }

  #refuseVersion(key: string, version: string | undefined): void {
    if (version === undefined) return;
    throw appError('REMOTE_UNSUPPORTED', {
      url: this.url,
      expected: 'a remote that keeps versions of its objects',
      got: `a folder, asked for version ${version} of ${key}`,
      remedy: 'Use the remote of the pointer, on S3 or Google Cloud Storage.',
    });
  }

  async #explainMissing(key: string): Promise<Error> {
    return existsSync(this.url)
      ? appError('REMOTE_OBJECT_MISSING', { url: this.url, key })
      : appError('REMOTE_NOT_FOUND', { url: this.url, kind: 'folder' });
  }

  /** Errors of the file system as errors about this remote. */
  #explain(error: unknown, action: 'list' | 'read' | 'write' | 'delete', key: string): unknown {
    const { url } = this;
    // Not those about the local file that is pushed.
    const isHere =
      isAppError(error) && error.code === 'SYSTEM_REFUSED' && `${error.details.path}`.startsWith(url);
    const code = errorCodeOf(isHere ? error.cause : error);
    if (code === 'EROFS')
      return appError('REMOTE_READ_ONLY', { url, kind: 'a read-only file system' }, { cause: error });
    if (code === 'EACCES' || code === 'EPERM') {
      const reason = 'permission is denied to this user';
      return appError('REMOTE_FORBIDDEN', { url, action, reason }, { cause: error });
    }
    return isAppError(error) ? error : asSystemError(error, join(url, key), action);
  }
}

/** Links the file to its place; where there are no links, renames it. */
function place(temporary: string, target: string, replaces: boolean): 'written' | 'exists' {
  if (!replaces) {
    try {
      linkSync(temporary, target);
      rmSync(temporary, { force: true });
      return 'written';
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST' || existsSync(target)) {
        rmSync(temporary, { force: true });
        return 'exists';
      }
      if (!NO_LINKS.has(errorCodeOf(error) ?? '')) throw error;
    }
  }
  renameSync(temporary, target);
  return 'written';
}

function readSmallSource({ path, sizeBytes, md5 }: ObjectSource): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') throw appError('FILE_NOT_FOUND', { path, kind: 'file' });
    throw asSystemError(error, path, 'read');
  }
  const corrupt = (expected: string, got: string): Error =>
    appError('REMOTE_OBJECT_CORRUPT', { name: path, expected, got });
  if (bytes.length !== sizeBytes) throw corrupt(`${sizeBytes} bytes`, `${bytes.length}`);
  const found = hashMd5(bytes);
  if (found !== md5) throw corrupt(`md5 ${md5}`, `md5 ${found}`);
  return bytes;
}

function isMissing(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'FILE_NOT_FOUND';
}
