// The room's door: what other rooms may use.
export type {
  ObjectReadOptions,
  ObjectSource,
  ObjectWriteOptions,
  Remote,
  RemoteKind,
  RemoteObject,
  RemoteSettings,
} from './remote.ts';
export type {
  PulledObject,
  PushedObject,
  TransferFailure,
  TransferOptions,
  TransferResult,
} from './transfer-types.ts';
