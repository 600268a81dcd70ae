// The room's door: what other rooms may use.
export { assertEntryValid, type EntryName, loadServeConfig, loadTrainConfig } from './entries.ts';
export {
  type DataConfig,
  type EvaluateConfig,
  type ServeConfig,
  type TrainConfig,
  trainConfigSchema,
} from './schema.ts';
