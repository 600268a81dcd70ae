// The cache: objects under the name of their content, `files/md5/ab/cdef…`, read-only; those of DVC 2 lie at `ab/cdef…`.
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { appError, errorCodeOf, listFolder, makeFolder } from '../../foundation/core/index.ts';
import { type HashKind, isHash } from './content-hash.ts';
import { hashBytes, hashFileSync } from './file-hash.ts';
import { FileState } from './file-state.ts';
import { type ManifestFile, parseManifest } from './folder-manifest.ts';
import { storeBytes } from './object-files.ts';
import type { DataRepository } from './repository.ts';
import { objectKey } from './tracked-data.ts';

/** An object that a pointer names. */
export interface NamedObject {
  /** With `.dir` for a manifest. */
  readonly md5: string;
  readonly hash: HashKind;
}

export interface ListedObject extends NamedObject {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedMs: number;
}

export class ObjectCache {
  readonly #repository: DataRepository;
  #state: FileState | null = null;
  readonly #received = new Set<string>();

  constructor(repository: DataRepository) {
    this.#repository = repository;
  }

  /** Where an object lies, or would lie. */
  locate({ md5, hash }: NamedObject): string {
    return join(this.#repository.cache, objectKey(md5, hash));
  }

  /** Whether the object's file is there; its bytes are not read. */
  has(object: NamedObject): boolean {
    return statSync(this.locate(object), { throwIfNoEntry: false })?.isFile() === true;
  }

  /** Whether the object's file is there with the right bytes. What was found is remembered. */
  check(object: NamedObject): 'whole' | 'missing' | 'corrupt' {
    const path = this.locate(object);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return 'missing';
    const key = objectKey(object.md5, object.hash);
    this.#state ??= this.#openState();
    const wanted = object.md5.slice(0, 32);
    if (this.#state.find(key, stat) === wanted) return 'whole';
    if (!isHash(hashFileSync(path, object.hash), wanted)) return 'corrupt';
    this.#state.set(key, stat, wanted);
    return 'whole';
  }

  /** Notes files of objects whose bytes were compared with their md5 as they arrived. */
  noteReceived(paths: readonly string[]): void {
    for (const path of paths) this.#received.add(path);
  }

  /** Whether this process has received the object, so that it need not be read again. */
  isReceived(object: NamedObject): boolean {
    return this.#received.has(this.locate(object));
  }

  /** Keeps what `check` has found for the next command. */
  saveChecks(): void {
    this.#state?.save({ pathOf: (key) => join(this.#repository.cache, key) });
  }

  /**
   * The files of a folder.
   * @throws CACHE_OBJECT_MISSING, CACHE_OBJECT_CORRUPT, CACHE_OBJECT_INVALID
   */
  readManifest(object: NamedObject): ManifestFile[] {
    const path = this.locate(object);
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') throw appError('CACHE_OBJECT_MISSING', { path, md5: object.md5 });
      throw error;
    }
    const got = hashBytes(bytes, 'md5');
    if (!isHash(got, object.md5))
      throw appError('CACHE_OBJECT_CORRUPT', { path, expected: object.md5, got: got.md5 });
    return parseManifest(bytes.toString('utf8'), path);
  }

  /** Stores the manifest of a folder. */
  storeManifest(text: string, md5: string): void {
    makeFolder(this.#repository.temporary);
    storeBytes(Buffer.from(text), md5, this.#repository);
  }

  /** All objects, in no order. */
  list(): ListedObject[] {
    const { cache } = this.#repository;
    return [...listObjects(join(cache, 'files', 'md5'), 'md5'), ...listObjects(cache, 'md5-dos2unix')];
  }

  delete(object: NamedObject): void {
    rmSync(this.locate(object), { force: true });
  }

  #openState(): FileState {
    return new FileState(join(this.#repository.temporary, 'state', 'cache.json'));
  }
}

function* listObjects(folder: string, hash: HashKind): Generator<ListedObject> {
  for (const first of listFolder(folder)) {
    if (!/^[0-9a-f]{2}$/.test(first)) continue;
    for (const rest of listFolder(join(folder, first))) {
      if (!/^[0-9a-f]{30}(?:\.dir)?$/.test(rest)) continue;
      const path = join(folder, first, rest);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile())
        yield { md5: first + rest, hash, path, sizeBytes: stat.size, changedMs: stat.mtimeMs };
    }
  }
}
