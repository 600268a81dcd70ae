// What a pointer says of a file or folder: its hash, how large it is, and where it can be fetched.
import { relative, sep } from 'node:path';
import type { HashKind } from './content-hash.ts';
import { MANIFEST_SUFFIX } from './folder-manifest.ts';

/** A version of an object that a cloud store keeps: of S3, or the generation of Google Cloud Storage. */
export interface CloudVersion {
  readonly versionId: string | null;
  readonly etag: string | null;
}

/** A file of a folder whose versions a cloud store keeps (version_aware). */
export interface VersionedFile {
  readonly relpath: string;
  readonly md5: string | null;
  readonly sizeBytes: number | null;
  /** By name of the remote. */
  readonly cloud: Readonly<Record<string, CloudVersion>>;
}

/** A file or folder as a pointer records it. */
export interface DataRecord {
  /** With `.dir` at the end for a folder; null where only a cloud store names its versions. */
  readonly md5: string | null;
  readonly hash: HashKind;
  readonly sizeBytes: number | null;
  /** Number of files of a folder. */
  readonly files: number | null;
  readonly isExecutable: boolean;
}

/** A file or folder that a `.dvc` file or a `dvc.lock` names. */
export interface TrackedData extends DataRecord {
  /** The `.dvc` file or `dvc.lock`. */
  readonly pointer: string;
  /** The stage of `dvc.lock`; null for a `.dvc` file. */
  readonly stage: string | null;
  /** Position among the outputs of the pointer. */
  readonly index: number;
  /** Where the data lies; absolute. */
  readonly path: string;
  /** False: the pointer keeps it out of the cache, because it lies in Git. */
  readonly isCached: boolean;
  /** False: it stays on this machine. */
  readonly isPushed: boolean;
  /** The only remote that it goes to; null: the one that is asked for. */
  readonly remote: string | null;
  /** Of a file: its versions by name of the remote. */
  readonly cloud: Readonly<Record<string, CloudVersion>>;
  /** Of a folder whose versions a cloud store keeps: its files; null otherwise. */
  readonly versionedFiles: readonly VersionedFile[] | null;
}

/** Whether the data is a folder. */
export function isFolderData({ md5, versionedFiles }: Pick<TrackedData, 'md5' | 'versionedFiles'>): boolean {
  return versionedFiles !== null || md5?.endsWith(MANIFEST_SUFFIX) === true;
}

/** A path as people and Git write it: below the root, with `/`. */
export function nameInRepository(root: string, path: string): string {
  return relative(root, path).split(sep).join('/') || '.';
}

/** Key of an object in a remote and path below the cache: DVC 2 has no `files/md5/`. */
export function objectKey(md5: string, hash: HashKind): string {
  const key = `${md5.slice(0, 2)}/${md5.slice(2)}`;
  return hash === 'md5' ? `files/md5/${key}` : key;
}
