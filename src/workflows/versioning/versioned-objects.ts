// Data whose versions a cloud store keeps (version_aware): its files lie in the remote under their paths in the repository, and
// the pointer names the version of each: a version id of S3, or the generation of Google Cloud Storage.
import {
  type CloudVersion,
  formatManifest,
  nameInRepository,
  nameManifest,
  type TrackedData,
} from '../../keeping/dvc/index.ts';
import type { DataScope } from './data-scope.ts';
import type { FailedTransfer, WantedObject } from './transfer-sum.ts';

export interface ListedVersions {
  /** What the cache lacks. */
  readonly wanted: readonly WantedObject[];
  /** Files that the pointer names no version of, for this remote. */
  readonly failed: readonly (FailedTransfer & { readonly data: TrackedData })[];
}

/** True if a cloud store keeps the versions of the data. */
export function isVersionedData({ versionedFiles, cloud }: TrackedData): boolean {
  return versionedFiles !== null || Object.keys(cloud).length > 0;
}

/** @param remote  its name; null if only an address is known */
export function listVersions(
  all: readonly TrackedData[],
  remote: string | null,
  { repository, cache }: DataScope,
): ListedVersions {
  const wanted: WantedObject[] = [];
  const failed: ListedVersions['failed'][number][] = [];
  for (const data of all) {
    const name = nameInRepository(repository.root, data.path);
    const files = data.versionedFiles ?? [
      { relpath: '', md5: data.md5, sizeBytes: data.sizeBytes, cloud: data.cloud },
    ];
    for (const { relpath, md5, sizeBytes, cloud } of files) {
      const label = relpath === '' ? name : `${name}/${relpath}`;
      const version = findVersion(cloud, remote);
      const reason =
        md5 === null
          ? 'the pointer has no md5 of it'
          : version?.versionId == null
            ? explainMissing(cloud, remote)
            : null;
      if (reason !== null || md5 === null) {
        failed.push({ data, path: label, key: label, code: 'VERSION_UNKNOWN', reason: reason ?? '' });
        continue;
      }
      const object = { md5, hash: data.hash };
      const state = cache.check(object);
      if (state === 'whole') continue;
      const path = cache.locate(object);
      const isDamaged = state === 'corrupt';
      const check = data.hash;
      wanted.push({
        data,
        label,
        key: label,
        path,
        sizeBytes,
        md5,
        check,
        version: version!.versionId!,
        isDamaged,
      });
    }
  }
  return { wanted, failed };
}

/** Stores the list of a folder's files, which DVC expects in the cache although the pointer does not name it. */
export function storeVersionedManifest(data: TrackedData, { cache }: DataScope): void {
  const manifest = buildVersionedManifest(data);
  if (manifest !== null) cache.storeManifest(manifest.text, manifest.md5);
}

/** Null for a file, and for data of DVC 2. */
export function buildVersionedManifest({
  versionedFiles,
  hash,
}: TrackedData): { readonly text: string; readonly md5: string } | null {
  const files = versionedFiles?.flatMap(({ relpath, md5 }) => (md5 === null ? [] : [{ relpath, md5 }]));
  if (files === undefined || files.length !== versionedFiles?.length || hash !== 'md5') return null;
  const text = formatManifest(files);
  return { text, md5: nameManifest(text) };
}

function findVersion(cloud: TrackedData['cloud'], remote: string | null): CloudVersion | undefined {
  const all = Object.values(cloud);
  if (remote !== null) return cloud[remote] ?? cloud[''];
  return all.length === 1 ? all[0] : undefined;
}

function explainMissing(cloud: TrackedData['cloud'], remote: string | null): string {
  const names = Object.keys(cloud).join(', ') || 'no remote';
  return `the pointer has no version of it for ${remote ?? 'this address'}, but for ${names}`;
}
