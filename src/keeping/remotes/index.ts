// The room's door: what other rooms may use.

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
