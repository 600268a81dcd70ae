// The room's door: what other rooms may use.
export { createFolderAtomic, removeFolder, writeFileAtomic } from './atomic-file.ts';
export { withBuildLock } from './build-lock.ts';
export { canonicalJson } from './canonical-json.ts';
export { type Clock, systemClock } from './clock.ts';
export type { CommandWarning, Warn } from './command-warning.ts';
export { createDatedId, isDatedId } from './dated-id.ts';
export { CATALOGUE, type ErrorCode } from './error-catalogue.ts';
export {
  AppError,
  appError,
  type ErrorDetails,
  EXIT_REFUSED,
  EXIT_STOPPED,
  type Issue,
  invariant,
  isAppError,
} from './errors.ts';
export {
  assertFileKind,
  FILE_KIND_BYTES,
  type FileKind,
  readFileKind,
  recogniseFileKind,
} from './file-kind.ts';
export { measureFolder } from './folder-size.ts';
export { contentId, hashFile, hashMd5, hashSha256 } from './hash.ts';
export { hideLogin } from './hide-login.ts';
export { currentHolder, formatHolder, type LeaseHolder, mayHolderLive } from './lease-holder.ts';
export { appendLine, appendLines, cutTornLine, readLines } from './line-log.ts';
export { createLineWriter, type LineListener, type LineWriter, standardError } from './line-writer.ts';
export { listFolder } from './list-folder.ts';
export { createLogger, type Logger, silentLogger } from './logger.ts';
export { assertFileWritable, assertFolderWritable, makeFolder } from './make-folder.ts';
export { formatName, formatNames } from './name-list.ts';
export { packageRoot } from './package-root.ts';
export { pause } from './pause.ts';
export { disableSchemaCompilation } from './plain-schemas.ts';
export { isProcessAlive } from './process-alive.ts';
export { processSpace } from './process-space.ts';
export {
  createScreen,
  formatDuration,
  formatMegabytes,
  type Progress,
  type ProgressFactory,
  silentProgress,
} from './progress.ts';
export { createRandom, hash32, type Random } from './random.ts';
export { asDiskError, asSystemError, errorCodeOf, systemCodeOf } from './system-error.ts';
export {
  createTemporaryName,
  findLeftovers,
  isAbandoned,
  type Leftover,
  removeLeftovers,
} from './temporary-name.ts';
export { limitThreads } from './thread-limit.ts';
export { expandHome, resolveUserPath } from './user-path.ts';
