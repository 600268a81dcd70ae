// The room's door: what other rooms may use.
export { compareCodePoints } from './code-points.ts';
export { ContentHash, type HashKind, isHash } from './content-hash.ts';
export { type MeasuredData, measureData, openFileState } from './data-measure.ts';
export { type DvcConfig, readDvcConfig } from './dvc-config.ts';
export { FileState } from './file-state.ts';
export {
  type FoundPointers,
  findPointers,
  isPointerName,
  parsePointerFile,
  readPointer,
} from './find-pointers.ts';
export {
  formatManifest,
  isPathInside,
  MANIFEST_SUFFIX,
  type ManifestFile,
  nameManifest,
  parseManifest,
} from './folder-manifest.ts';
export {
  askGit,
  ignoreInGit,
  listGitFiles,
  listIgnoredByGit,
  readCommittedPointers,
  stageInGit,
} from './git.ts';
export {
  defineStage,
  LOCK_FILE,
  PIPELINE_FILE,
  recordStage,
  type StageFile,
  type StageRecord,
} from './lock-file.ts';
export { type ListedObject, type NamedObject, ObjectCache } from './object-cache.ts';
export type { PlacedFile } from './object-contract.ts';
export type { PlacedObject } from './object-files.ts';
export { ObjectPool } from './object-pool.ts';
export { formatPointer, POINTER_SUFFIX, updatePointer } from './pointer.ts';
export {
  assertInside,
  assertNoLinks,
  type DataRepository,
  findRepository,
  findRepositoryRoot,
  isInside,
} from './repository.ts';
export {
  type CloudVersion,
  type DataRecord,
  isFolderData,
  nameInRepository,
  objectKey,
  type TrackedData,
} from './tracked-data.ts';
export { beginCheckout, endCheckout, isCheckoutUnfinished } from './unfinished-checkout.ts';
export { isLeftOut } from './walk-data.ts';
