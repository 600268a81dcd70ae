// Measures data as it lies there: its hash, size and files, as a pointer records them.
import { lstatSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { appError, errorCodeOf, hashMd5 } from '../../foundation/core/index.ts';
import type { FileHash, HashKind } from './content-hash.ts';
import { FileState } from './file-state.ts';
import { formatManifest, type ManifestFile, nameManifest } from './folder-manifest.ts';
import type { SizedFile } from './object-pool.ts';
import type { DataRecord } from './tracked-data.ts';
import { nameInRepository } from './tracked-data.ts';
import { walkData } from './walk-data.ts';

/** Data with its record. */
export interface MeasuredData {
  readonly record: DataRecord;
  /** Of a folder: its files. */
  readonly files: readonly ManifestFile[] | null;
  /** Of a folder: the bytes of its manifest. */
  readonly manifest: string | null;
  readonly skippedLinks: readonly string[];
  readonly skippedOthers: readonly string[];
}

interface MeasureRequest {
  readonly root: string;
  readonly temporary: string;
  readonly path: string;
  readonly hash: HashKind;
  /** Reads the files whose md5 is not known: hashes them, or also stores them. */
  readonly read: (files: readonly SizedFile[]) => Promise<readonly FileHash[]>;
  /** What is expected of a file, by its path; '' of data that is a file. It decides where DVC 2 has two names for one. */
  readonly expected?: ReadonlyMap<string, string> | undefined;
  /** Of a file whose md5 is known from before: whether that is enough. Default: yes. */
  readonly isEnough?: (md5: string, sizeBytes: number) => boolean;
}

/** @throws FILE_NOT_FOUND, and what walkData and `read` throw */
export async function measureData(request: MeasureRequest): Promise<MeasuredData> {
  const { root, path, hash } = request;
  const stat = statOf(path);
  const isFolder = stat.isDirectory();
  if (lstatSync(path).isSymbolicLink() && isFolder) throw appError('DATA_IS_LINK', { path });
  const walk = isFolder ? walkData(root, path) : { files: [''], skippedLinks: [], skippedOthers: [] };
  const state = openFileState(request.temporary, root, path, hash);
  const known = new Map<string, string>();
  const unknown: { name: string; stat: Stats; file: SizedFile }[] = [];
  let sizeBytes = 0;
  for (const name of walk.files) {
    const file = name === '' ? path : join(path, name);
    const own = name === '' ? stat : statOf(file);
    sizeBytes += own.size;
    const md5 = state.find(name, own);
    if (md5 !== null && (request.isEnough?.(md5, own.size) ?? true)) known.set(name, md5);
    else unknown.push({ name, stat: own, file: { path: file, sizeBytes: own.size } });
  }
  const read = await request.read(unknown.map(({ file }) => file));
  for (const [i, { name, stat: own }] of unknown.entries()) {
    const found = read[i]!;
    const md5 =
      found.otherMd5 !== undefined && found.otherMd5 === request.expected?.get(name)
        ? found.otherMd5
        : found.md5;
    known.set(name, md5);
    sizeBytes += found.sizeBytes - own.size; // it was changed since
    if (found.sizeBytes === own.size) state.set(name, own, md5);
  }
  if (unknown.length > 0) state.save();
  const isExecutable = !isFolder && (stat.mode & 0o111) !== 0;
  if (!isFolder) {
    const record = { md5: known.get('')!, hash, sizeBytes, files: null, isExecutable };
    return { record, files: null, manifest: null, skippedLinks: [], skippedOthers: [] };
  }
  const files = walk.files.map((relpath) => ({ relpath, md5: known.get(relpath)! }));
  const manifest = formatManifest(files);
  const record = { md5: nameManifest(manifest), hash, sizeBytes, files: files.length, isExecutable };
  return { record, files, manifest, skippedLinks: walk.skippedLinks, skippedOthers: walk.skippedOthers };
}

/** What is remembered of the files of data. */
export function openFileState(temporary: string, root: string, path: string, hash: HashKind): FileState {
  const name = hashMd5(`${hash} ${nameInRepository(root, path)}`);
  return new FileState(join(temporary, 'state', `${name}.json`));
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw appError('FILE_NOT_FOUND', { path, kind: 'file or folder' });
    throw error;
  }
}
