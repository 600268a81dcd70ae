// The room's door: what other rooms may use.

export { createContentHash } from './dos2unix-hash.ts';
export { findObjects } from './find-objects.ts';
export { openRemote } from './open-remote.ts';
export type {
  ObjectReadOptions,
  ObjectSource,
  ObjectWriteOptions,
  Remote,
  RemoteKind,
  RemoteObject,
  RemoteSettings,
} from './remote.ts';
export { DEFAULT_JOBS, formatTransfer, pullObjects, pushObjects } from './transfer.ts';
export type {
  PulledObject,
  PushedObject,
  TransferFailure,
  TransferOptions,
  TransferResult,
} from './transfer-types.ts';
