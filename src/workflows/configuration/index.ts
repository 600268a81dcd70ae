// The room's door: what other rooms may use.
export { copyPaths } from './copy-paths.ts';
export { assertEntryValid, type EntryName } from './entries.ts';
export { type KeyChoices, listEntryChoices, listKeyChoices } from './key-choices.ts';
export {
  listRemoteChoices,
  loadRemoteConfig,
  type RemoteConfig,
  remoteConfigSchema,
} from './remote-config.ts';
export { loadServeConfig } from './serve-config.ts';
export type { ServeConfig } from './serve-schema.ts';
export { isDataSource, loadSourceConfig, type SourceConfig } from './source-config.ts';
export { loadTrainConfig } from './train-config.ts';
export { type DataConfig, type EvaluateConfig, type TrainConfig, trainConfigSchema } from './train-schema.ts';
export {
  type ForeignName,
  formatOverrideValue,
  listUnusedSweepKeys,
  readArguments,
  type Translation,
  translateMetric,
  translateName,
  translateSettings,
} from './translation.ts';
